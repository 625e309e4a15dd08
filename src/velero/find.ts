/** Finds Velero's objects: they are all in the namespace of its server, which a user may not be allowed to look for. */
import type { Cluster, Scope } from '../cluster/cluster.ts';
import type { KubeObject } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import { ClusterError } from '../errors.ts';
import { storageLocations } from './resources.ts';

/** Where Velero is, as its own installer and OADP's have it. */
const usualNamespaces = ['velero', 'openshift-adp'];

/**
 * All objects of a kind of Velero's that the user may see; none where Velero isn't installed.
 * @param veleroNamespace undefined: of all namespaces, or of where it usually is for a user who may not look there
 */
export async function listForVelero<T extends KubeObject>(
  cluster: Cluster,
  resource: Resource<T>,
  veleroNamespace: string | undefined,
  selectors: Omit<Scope, 'namespace'> = {},
): Promise<T[]> {
  const listIn = async (namespace: string): Promise<T[]> => {
    try {
      return await cluster.list(resource, { namespace, ...selectors });
    } catch (error) {
      if (hasStatus(error, 403, 404)) return [];
      throw error;
    }
  };
  if (veleroNamespace !== undefined) return listIn(veleroNamespace);
  try {
    return await cluster.list(resource, selectors);
  } catch (error) {
    if (hasStatus(error, 404)) return [];
    if (!hasStatus(error, 403)) throw error;
  }
  return (await Promise.all(usualNamespaces.map(listIn))).flat();
}

/** @returns the namespaces of all Veleros that the user may see, by their stores; none where there is none */
export async function findVeleros(cluster: Cluster): Promise<string[]> {
  const locations = await listForVelero(cluster, storageLocations, undefined);
  return [...new Set(locations.flatMap(({ metadata }) => metadata.namespace ?? []))].sort();
}

export function hasStatus(error: unknown, ...statuses: number[]): boolean {
  return error instanceof ClusterError && statuses.includes(error.status);
}
