/** Waiting on workloads through several watches at once. */
import type { Deployment, KubeObject, StatefulSet } from '../cluster/objects.ts';
import type { Watch } from '../cluster/watch.ts';
import type { Workload, WorkloadKind } from './kinds.ts';
import { displayName } from './kinds.ts';

/** Watches of one namespace. A kind that none of the workloads waited for has needs no watch. */
export interface WorkloadWatches {
  statefulSets?: Watch<StatefulSet> | undefined;
  deployments?: Watch<Deployment> | undefined;
}

/**
 * A StatefulSet or Deployment as its watch shows it; undefined when it doesn't exist.
 * @throws TypeError when its kind isn't watched
 */
export function watchedObject(
  watches: WorkloadWatches,
  workload: Pick<Workload, 'kind' | 'name'>,
): StatefulSet | Deployment | undefined {
  const watch = watchOf(watches, workload.kind);
  if (watch === undefined) throw new TypeError(`${displayName(workload)} is not watched`);
  return watch.objects.get(workload.name);
}

/**
 * Waits on several watches: `isTrue` is asked now and after a change in any of them, and reads from all.
 * @param watches at least one; those that are undefined are left out
 * @throws the signal's reason; ClusterError when one of the watches can't go on; what `isTrue` throws
 */
export async function untilAny(
  watches: readonly (Pick<Watch<KubeObject>, 'until'> | undefined)[],
  isTrue: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const settled = new AbortController();
  const either = AbortSignal.any([signal, settled.signal]);
  const present = watches.filter((watch) => watch !== undefined);
  try {
    await Promise.race(present.map((watch) => watch.until(() => (isTrue() ? true : undefined), either)));
  } finally {
    settled.abort();
  }
}

function watchOf(watches: WorkloadWatches, kind: WorkloadKind): Watch<StatefulSet> | Watch<Deployment> | undefined {
  if (kind === 'statefulset') return watches.statefulSets;
  return kind === 'deployment' ? watches.deployments : undefined;
}
