/** Waiting on workloads through several watches at once. */
import type { KubeObject } from '../cluster/objects.ts';
import type { Watch } from '../cluster/watch.ts';
import type { WorkloadKind, WorkloadObject } from './kinds.ts';
import { isWorkloadKind } from './kinds.ts';

/** Watches of one namespace, by kind. A kind that none of the workloads waited for has needs no watch. */
export type WorkloadWatches = Partial<Record<WorkloadKind, Watch<WorkloadObject>>>;

/** A workload as its watch shows it; undefined when it doesn't exist, or its kind isn't watched. */
export function watchedObject(
  watches: WorkloadWatches,
  { kind, name }: { kind: string; name: string },
): WorkloadObject | undefined {
  return isWorkloadKind(kind) ? watches[kind]?.objects.get(name) : undefined;
}

/**
 * Waits on several watches: `isTrue` is asked now and after a change in any of them, and reads from all.
 * @param watches with none, nothing could change: `isTrue` must be so now
 * @throws the signal's reason; ClusterError when one of the watches can't go on; what `isTrue` throws
 */
export async function untilAny(
  watches: readonly Pick<Watch<KubeObject>, 'until'>[],
  isTrue: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  // A race of none is never settled.
  if (isTrue()) return;
  const settled = new AbortController();
  const either = AbortSignal.any([signal, settled.signal]);
  try {
    await Promise.race(watches.map((watch) => watch.until(() => (isTrue() ? true : undefined), either)));
  } finally {
    settled.abort();
  }
}
