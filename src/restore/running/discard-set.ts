import type { Cluster } from '../../cluster/cluster.ts';
import { snapshots } from '../../cluster/resources.ts';
import { setLabel } from '../../sets/marks.ts';
import { deleteSnapshots } from './delete-snapshots.ts';

/** Deletes the snapshots of a safety set whose data is where it came from, and waits until they are gone. */
export async function discardSet(cluster: Cluster, namespace: string, set: string, signal: AbortSignal): Promise<void> {
  const found = await cluster.list(snapshots, { namespace, labelSelector: `${setLabel}=${set}` });
  const doomed = found.map(({ metadata: { name, uid = '' } }) => ({ snapshot: name, uid, set }));
  await deleteSnapshots(cluster, { namespace, snapshots: doomed }, signal);
}
