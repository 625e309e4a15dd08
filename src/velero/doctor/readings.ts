/** What several checks need, each read once. A check that is refused it ends; the others go on. */
import { ifAllowed } from '../../cluster/access.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Claim, Deployment } from '../../cluster/objects.ts';
import { claims, volumes } from '../../cluster/resources.ts';
import { together } from '../../cluster/together.ts';
import type { Backup, StorageLocation } from '../resources.ts';
import { backups, storageLocations } from '../resources.ts';
import { serverIn } from '../server-state.ts';

export interface Readings {
  /** undefined where there is none. */
  deployment: () => Promise<Deployment | undefined>;
  backups: () => Promise<Backup[]>;
  locations: () => Promise<StorageLocation[]>;
}

/** @param namespace Velero's; undefined where it isn't known: then it has no Deployment */
export function readingsOf(cluster: Cluster, namespace: string | undefined): Readings {
  return {
    deployment: once(async () => (namespace === undefined ? undefined : serverIn(cluster, namespace))),
    backups: once(() => cluster.list(backups, { namespace })),
    locations: once(() => cluster.list(storageLocations, { namespace })),
  };
}

/** Bound claims on volumes of CSI drivers; also those on volumes that the user may not read. */
export async function claimsOnDrivers(cluster: Cluster, namespace: string | undefined): Promise<Claim[]> {
  const [all, known] = await together([cluster.list(claims, { namespace }), ifAllowed(cluster.list(volumes))]);
  const others = new Set(
    (known ?? []).filter(({ spec }) => spec?.csi === undefined).map(({ metadata }) => metadata.name),
  );
  return all.filter(({ spec }) => spec?.volumeName !== undefined && !others.has(spec.volumeName));
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= read());
}
