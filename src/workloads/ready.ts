/** Waits until started workloads are ready. */
import type { Deployment, Pod, StatefulSet } from '../cluster/objects.ts';
import type { Watch } from '../cluster/watch.ts';
import type { Workload } from './kinds.ts';
import { displayName } from './kinds.ts';
import { podsOf } from './pods-of.ts';
import { isReady, newestTrouble } from './trouble.ts';
import type { WorkloadWatches } from './watches.ts';
import { untilAny, watchedObject } from './watches.ts';

export interface ReadyWatches extends WorkloadWatches {
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

type Started = Pick<Workload, 'kind' | 'name' | 'replicas'>;

/**
 * Waits until every workload is rolled out and has its pods ready.
 *
 * A watch may still show a workload as it was before it was stopped, ready and all. So its pods are counted too, by
 * the watch of pods, which must be the one that untilNoPodUses saw them disappear from: what it shows now is newer.
 * @param workloads StatefulSets and Deployments with the replicas that they were given
 * @param onChange called with all states, at first and whenever one changes
 * @throws the signal's reason; ClusterError when a watch can't go on; TypeError when a workload's kind isn't watched
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
  await untilAny([watches.statefulSets, watches.deployments, watches.pods], areReady, signal);
}

/**
 * Whether the replicas that an object asks for are there, as `kubectl rollout status` judges it
 * (k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go). Where kubectl gives no answer or none that could become
 * true, readiness alone decides: a StatefulSet updated OnDelete, a paused Deployment.
 */
export function isRolledOut(object: StatefulSet | Deployment): boolean {
  const { observedGeneration = 0 } = object.status ?? {};
  if (observedGeneration === 0 || observedGeneration < (object.metadata.generation ?? 0)) return false;
  return isDeployment(object) ? isDeploymentRolledOut(object) : isStatefulSetRolledOut(object);
}

function isStatefulSetRolledOut({ spec, status }: StatefulSet): boolean {
  const wanted = spec?.replicas ?? 1;
  const { type = 'RollingUpdate', rollingUpdate } = spec?.updateStrategy ?? {};
  if ((status?.readyReplicas ?? 0) < wanted) return false;
  if (type !== 'RollingUpdate') return true;
  if (rollingUpdate !== undefined) return (status?.updatedReplicas ?? 0) >= wanted - (rollingUpdate.partition ?? 0);
  return status?.updateRevision === status?.currentRevision;
}

function isDeploymentRolledOut({ spec, status = {} }: Deployment): boolean {
  const wanted = spec?.replicas ?? 1;
  const { replicas = 0, updatedReplicas: updated = 0, availableReplicas: available = 0, conditions = [] } = status;
  if (spec?.paused === true) return available >= wanted;
  const hasTimedOut = conditions.some(
    ({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded',
  );
  return !hasTimedOut && updated >= wanted && replicas <= updated && available >= updated;
}

function isDeployment(object: StatefulSet | Deployment): object is Deployment {
  return object.kind === 'Deployment';
}

function stateOf(watches: ReadyWatches, started: Started): { state: ReadyState; isDone: boolean } {
  const { kind, replicas: wanted } = started;
  const workload = displayName(started);
  const object = watchedObject(watches, started);
  if (object === undefined) {
    return { state: { workload, ready: 0, wanted, trouble: 'not found' }, isDone: wanted === 0 };
  }
  const pods = podsOf({ kind, uid: object.metadata.uid ?? '', object }, watches.pods.objects.values());
  const ready = pods.filter(isReady).length;
  // Somebody, such as an autoscaler, may have asked for another number since; 0 is what the stop left behind.
  const asked = object.spec?.replicas ?? 1;
  const isDone = wanted === 0 || (asked > 0 && ready >= asked && isRolledOut(object));
  const trouble = isDone ? undefined : newestTrouble(object, pods);
  return { state: { workload, ready, wanted, ...(trouble !== undefined && { trouble }) }, isDone };
}
