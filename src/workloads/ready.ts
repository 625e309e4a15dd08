/** Waits until started workloads are ready. */
import type { Pod } from '../cluster/objects.ts';
import type { Watch } from '../cluster/watch.ts';
import { displayName } from './kinds.ts';
import { podsNamedAs, podsOf } from './pods-of.ts';
import { isRolledOut, podsAskedFor } from './rolled-out.ts';
import type { Stoppable } from './stop-ways.ts';
import { isReady, newestTrouble } from './trouble.ts';
import type { WorkloadWatches } from './watches.ts';
import { untilAny, watchedObject } from './watches.ts';

export interface ReadyWatches {
  workloads: WorkloadWatches;
  pods: Watch<Pod>;
}

export interface ReadyState {
  /** Such as `statefulset/es-kafka`. */
  workload: string;
  /** Pods that are ready. */
  ready: number;
  wanted: number;
  /** The newest reason why it isn't ready yet, in the cluster's words, not made safe for a terminal. */
  trouble?: string;
}

type Started = Pick<Stoppable, 'kind' | 'name' | 'uid' | 'replicas' | 'how'>;

/**
 * Waits until every workload is rolled out and has its pods ready.
 *
 * A watch may still show a workload as it was before it was stopped, ready and all. So its pods are counted too, by
 * the watch of pods, which must be the one that stopAll saw them disappear from: what it shows now is newer.
 * @param workloads with the replicas that they were given
 * @param onChange called with all states, at first and whenever one changes
 * @throws the signal's reason; ClusterError when a watch can't go on
 */
export async function untilReady(
  watches: ReadyWatches,
  workloads: readonly Started[],
  signal: AbortSignal,
  onChange?: (states: ReadyState[]) => void,
): Promise<void> {
  let told = '';
  const areReady = (): boolean => {
    const states = workloads.map((workload) => stateOf(watches, workload));
    const seen = states.map(({ state }) => state);
    const news = JSON.stringify(seen);
    if (news !== told) onChange?.(seen);
    told = news;
    return states.every(({ isDone }) => isDone);
  };
  await untilAny([...Object.values(watches.workloads), watches.pods], areReady, signal);
}

function stateOf(watches: ReadyWatches, started: Started): { state: ReadyState; isDone: boolean } {
  const { kind, replicas: wanted, how } = started;
  const workload = displayName(started);
  if (kind === 'pod') return stateOfPods(workload, wanted, [watches.pods.objects.get(started.name)]);
  // Pods of a custom resource: its operator makes them again, and alone knows how many there shall be.
  if (how === 'delete' || (how === 'wait' && watches.workloads[kind as keyof WorkloadWatches] === undefined)) {
    return stateOfPods(workload, wanted, podsNamedAs(started, watches.pods.objects.values()));
  }
  const object = watchedObject(watches.workloads, started);
  // A Job that has finished may be cleared away at once (ttlSecondsAfterFinished, history limits).
  if (object === undefined && kind === 'job') return { state: { workload, ready: wanted, wanted }, isDone: true };
  if (object === undefined) {
    return { state: { workload, ready: 0, wanted, trouble: 'not found' }, isDone: wanted === 0 };
  }
  const pods = podsOf({ kind, uid: object.metadata.uid ?? '', object }, watches.pods.objects.values());
  const ready = pods.filter(isReady).length;
  // Somebody, such as an autoscaler, may have asked for another number since; 0 is what the stop left behind.
  const asked = podsAskedFor(object);
  const isDone = wanted === 0 || (asked !== 0 && ready >= asked && isRolledOut(object));
  const trouble = isDone ? undefined : newestTrouble(object, pods);
  return { state: { workload, ready, wanted, ...(trouble !== undefined && { trouble }) }, isDone };
}

function stateOfPods(
  workload: string,
  wanted: number,
  found: readonly (Pod | undefined)[],
): { state: ReadyState; isDone: boolean } {
  const pods = found.filter((pod) => pod !== undefined);
  const ready = pods.filter(isReady).length;
  const isDone = ready >= wanted;
  const trouble = isDone ? undefined : newestTrouble(undefined, pods);
  return { state: { workload, ready, wanted, ...(trouble !== undefined && { trouble }) }, isDone };
}
