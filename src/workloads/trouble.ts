/** Why a pod, or a workload without pods, isn't ready: the newest reason that the cluster gives, in its own words. */
import type { KubeObject, Pod } from '../cluster/objects.ts';

interface Conditioned extends KubeObject {
  status?: { conditions?: { type: string; status: string; reason?: string; message?: string }[] };
}

type PodStatus = NonNullable<Pod['status']>;
type ContainerStatus = NonNullable<PodStatus['containerStatuses']>[number];

/**
 * The newest reason why one of a workload's pods isn't ready, such as `es-kafka-1: ImagePullBackOff: ...`; undefined
 * when all are ready. Text from the cluster, not made safe for a terminal.
 */
export function newestTrouble(workload: KubeObject | undefined, pods: readonly Pod[]): string | undefined {
  const newest = pods
    .filter((pod) => !isReady(pod))
    .map((pod) => ({ since: lastChange(pod), text: `${pod.metadata.name}: ${reasonOf(pod)}` }))
    .reduce<{ since: string; text: string } | undefined>(
      // Equal RFC 3339 times of the API server, all in UTC and whole seconds, are equal texts and ordered as texts.
      (best, one) => (best === undefined || one.since > best.since ? one : best),
      undefined,
    );
  return newest?.text ?? creationProblem(workload);
}

/** Its Ready condition is true, and it isn't on its way out. */
export function isReady(pod: Pod): boolean {
  const isMarked = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
  return isMarked && pod.metadata.deletionTimestamp === undefined;
}

function reasonOf({ metadata, status = {} }: Pod): string {
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (status.reason !== undefined) return words(status.reason, status.message);
  const unscheduled = falseCondition(status, 'PodScheduled');
  if (unscheduled !== undefined) return words(unscheduled.reason, unscheduled.message);
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const container = containers.map(containerProblem).find((problem) => problem !== undefined);
  if (container !== undefined) return container;
  const unready = falseCondition(status, 'Ready');
  return unready === undefined ? (status.phase ?? 'Pending') : words(unready.reason, unready.message);
}

function containerProblem({ state }: ContainerStatus): string | undefined {
  if (state?.waiting !== undefined) return words(state.waiting.reason, state.waiting.message);
  const { terminated } = state ?? {};
  if (terminated === undefined || terminated.exitCode === 0) return undefined;
  return words(`${terminated.reason ?? 'Error'} (exit code ${terminated.exitCode})`, terminated.message);
}

/** A quota or an admission webhook may keep a Deployment from making pods; a StatefulSet tells that in events alone. */
function creationProblem(workload: Conditioned | undefined): string | undefined {
  const conditions = workload?.status?.conditions ?? [];
  const failure = conditions.find(({ type, status: isTrue }) => type === 'ReplicaFailure' && isTrue === 'True');
  return failure === undefined ? undefined : words(failure.reason, failure.message);
}

function falseCondition(status: PodStatus, type: string): NonNullable<PodStatus['conditions']>[number] | undefined {
  return status.conditions?.find((condition) => condition.type === type && condition.status === 'False');
}

function lastChange({ metadata, status }: Pod): string {
  const times = (status?.conditions ?? []).flatMap(({ lastTransitionTime }) => lastTransitionTime ?? []);
  return [...times, metadata.creationTimestamp ?? ''].sort().at(-1) ?? '';
}

function words(reason: string | undefined, message: string | undefined): string {
  return [reason, message].filter((word) => word !== undefined && word !== '').join(': ') || 'not ready';
}
