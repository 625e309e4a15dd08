/** Operations that an undo has taken the volumes of. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Finding } from '../errors.ts';
import { hasMarked } from './parked.ts';
import type { Recorded } from './records.ts';
import { findRecord, readRecords, removeRecord, unmarkUndone } from './records.ts';

/**
 * The way out of an operation that is being undone.
 * An undo that has neither a record nor a volume any more is over, whatever the record of the other still says.
 */
export async function undoneFindings(cluster: Cluster, recorded: Recorded | undefined): Promise<Finding[]> {
  const { undoneBy } = recorded ?? {};
  if (recorded === undefined || undoneBy === undefined) return [];
  const { operation, namespace } = recorded.plan;
  const undo = await findRecord(cluster, namespace, undoneBy);
  if (undo === undefined && !(await hasMarked(cluster, namespace, undoneBy))) return [];
  return [
    {
      about: operation,
      problem: `${undoneBy} has begun to undo it, and keeps its volumes`,
      remedy: `kubectl pvsnap resume ${undoneBy} -n ${namespace}, or undo ${undoneBy} to go back to before the undo`,
    },
  ];
}

/** Removes the records of what has been undone, and of what that had undone, unless a volume still has their mark. */
export async function removeUndone(cluster: Cluster, namespace: string, undoes: string): Promise<void> {
  const records = await readRecords(cluster, namespace);
  for (let next: string | undefined = undoes; next !== undefined; next = before(records, next)) {
    if (!(await hasMarked(cluster, namespace, next))) await removeRecord(cluster, namespace, next);
  }
}

/** Where an undo had changed nothing, what it was to undo is as if nobody had asked. */
export async function forgetUndone(cluster: Cluster, namespace: string, undoes: string): Promise<void> {
  const earlier = before(await readRecords(cluster, namespace), undoes);
  if (earlier !== undefined) await unmarkUndone(cluster, namespace, earlier, undoes);
  await removeRecord(cluster, namespace, undoes);
}

function before(records: readonly Recorded[], operation: string): string | undefined {
  return records.find(({ undoneBy }) => undoneBy === operation)?.plan.operation;
}
