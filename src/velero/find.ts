/** Finds where Velero is: what it keeps is in the namespace of its server, and so are its BackupStorageLocations. */
import type { Cluster } from '../../cluster/cluster.ts';
import { ClusterError } from '../../errors.ts';
import { usualNamespaces } from '../backups.ts';
import type { StorageLocation } from '../resources.ts';
import { storageLocations } from '../resources.ts';

/** @returns the namespaces of all Veleros that the user may see, none where there is none */
export async function findVeleros(cluster: Cluster): Promise<string[]> {
  return [...new Set((await locations(cluster)).flatMap(({ metadata }) => metadata.namespace ?? []))].sort();
}

async function locations(cluster: Cluster): Promise<StorageLocation[]> {
  try {
    return await cluster.list(storageLocations);
  } catch (error) {
    if (hasStatus(error, 404)) return [];
    if (!hasStatus(error, 403)) throw error;
  }
  return (await Promise.all(usualNamespaces.map((namespace) => listIn(cluster, namespace)))).flat();
}

async function listIn(cluster: Cluster, namespace: string): Promise<StorageLocation[]> {
  try {
    return await cluster.list(storageLocations, { namespace });
  } catch (error) {
    if (hasStatus(error, 403)) return [];
    throw error;
  }
}

export function hasStatus(error: unknown, ...statuses: number[]): boolean {
  return error instanceof ClusterError && statuses.includes(error.status);
}
