import type { Cluster } from '../../cluster/cluster.ts';
import { deleteExactly } from '../../cluster/delete-exactly.ts';
import type { Snapshot } from '../../cluster/objects.ts';
import { snapshots } from '../../cluster/resources.ts';
import { together } from '../../cluster/together.ts';
import { openWatch } from '../../cluster/watch.ts';
import { setLabel } from '../../sets/marks.ts';
import type { DoomedSnapshot } from '../commit-plan.ts';

interface Doomed {
  namespace: string;
  snapshots: Pick<DoomedSnapshot, 'snapshot' | 'uid' | 'set'>[];
}

/** Deletes exactly these, and waits until they are gone. */
export async function deleteSnapshots(
  cluster: Cluster,
  { namespace, snapshots: doomed }: Doomed,
  signal: AbortSignal,
): Promise<void> {
  if (doomed.length === 0) return;
  const sets = [...new Set(doomed.map(({ set }) => set))];
  const watch = await openWatch(cluster, snapshots, { namespace, labelSelector: `${setLabel} in (${sets.join(',')})` });
  const isThere = (objects: ReadonlyMap<string, Snapshot>): boolean =>
    doomed.some(({ snapshot, uid }) => objects.get(snapshot)?.metadata.uid === uid);
  try {
    await together(
      doomed.map(({ snapshot: name, uid }) => deleteExactly(cluster, snapshots, { name, namespace, uid })),
    );
    await watch.until((objects) => !isThere(objects) || undefined, signal);
  } finally {
    watch.close();
  }
}
