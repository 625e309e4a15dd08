/** Reads what leftoversIn judges. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Content, KubeObject } from '../../cluster/objects.ts';
import type { Resource } from '../../cluster/resources.ts';
import { claims, contents, snapshots } from '../../cluster/resources.ts';
import { together } from '../../cluster/together.ts';
import { backups, veleroRestores } from '../resources.ts';
import type { Leftovers, VeleroRestore } from './leftovers.ts';
import { leftoversIn } from './leftovers.ts';
import { hasStatus } from '../find.ts';

const restores = veleroRestores as Resource<VeleroRestore>;

export interface LeftoverScope {
  /** Whose snapshots are meant; all namespaces when absent. */
  namespace: string | undefined;
  /** Where Velero is, for a user who may not list backups of all namespaces. */
  veleroNamespace: string | undefined;
}

/** @throws ClusterError where something can't be read: then nobody can tell what is needed no more */
export async function readLeftovers(cluster: Cluster, scope: LeftoverScope): Promise<Leftovers> {
  const { namespace, veleroNamespace } = scope;
  const [foundSnapshots, foundContents] = await together([
    cluster.list(snapshots, { namespace }),
    cluster.list(contents),
  ]);
  // Afterwards: one that began meanwhile would seem to be gone, and what it made to be left.
  const [foundClaims, foundBackups, foundRestores] = await together([
    cluster.list(claims, { namespace }),
    listOfVeleros(cluster, backups, veleroNamespace),
    listOfVeleros(cluster, restores, veleroNamespace),
  ]);
  // A content of a snapshot elsewhere is none of this namespace's, whatever a snapshot here says.
  const isMeant = ({ spec }: Content): boolean =>
    namespace === undefined || spec.volumeSnapshotRef.namespace === namespace;
  return leftoversIn({
    snapshots: foundSnapshots,
    contents: foundContents.filter(isMeant),
    claims: foundClaims,
    backups: foundBackups.items,
    restores: foundRestores.items,
    seesAllRestores: foundRestores.areAll,
    nowMs: Date.now(),
  });
}

/** Of all Veleros: a backup that another one has is there, too. */
async function listOfVeleros<T extends KubeObject>(
  cluster: Cluster,
  resource: Resource<T>,
  veleroNamespace: string | undefined,
): Promise<{ items: T[]; areAll: boolean }> {
  try {
    return { items: await cluster.list(resource), areAll: true };
  } catch (error) {
    if (veleroNamespace === undefined || !hasStatus(error, 403)) throw error;
    return { items: await cluster.list(resource, { namespace: veleroNamespace }), areAll: false };
  }
}
