/** Whether workloads are stopped, as their controllers have seen it, and stay so. */
import type { DaemonSet, Job, KubeObject } from '../cluster/objects.ts';
import { FailedError } from '../errors.ts';
import type { ScalableObject, WorkloadObject } from './kinds.ts';
import { displayName } from './kinds.ts';
import { isScalable } from './scale.ts';
import type { Stoppable } from './stop-ways.ts';
import { isUnscheduled } from './stop-ways.ts';
import type { WorkloadWatches } from './watches.ts';
import { untilAny, watchedObject } from './watches.ts';

type Watched = Pick<Stoppable, 'kind' | 'name'>;

/** A controller that was in the middle of its work when it was stopped may write once or twice more. */
const mostComebacks = 5;

/**
 * Waits until the controllers have seen that their workloads shall have no pods. Before that, one of them may be about
 * to make a pod that no watch shows yet. A workload that is started again meanwhile is stopped again.
 * @throws the signal's reason; ClusterError when a watch can't go on; FailedError when somebody starts one again and again
 */
export async function untilStopped<W extends Watched>(
  watches: WorkloadWatches,
  workloads: readonly W[],
  signal: AbortSignal,
  stopAgain: (workload: W) => Promise<void>,
): Promise<void> {
  const comebacks = new Map<W, number>();
  // A watch may still show a workload as it was before the stop: it has come back only once it was seen at rest.
  const seenAtRest = new Set<W>();
  for (;;) {
    const back: W[] = [];
    const isDone = (): boolean => {
      const objects = workloads.map((workload) => ({ workload, object: watchedObject(watches, workload) }));
      for (const { workload, object } of objects) {
        if (object === undefined || isAskedToStop(object)) seenAtRest.add(workload);
        else if (seenAtRest.delete(workload)) back.push(workload);
      }
      return back.length > 0 || objects.every(({ object }) => object === undefined || isStopObserved(object));
    };
    if (workloads.length > 0) await untilAny(Object.values(watches), isDone, signal);
    if (back.length === 0) return;
    for (const workload of back) {
      const times = (comebacks.get(workload) ?? 0) + 1;
      comebacks.set(workload, times);
      if (times > mostComebacks) throw startedAgain(workload, watchedObject(watches, workload));
      await stopAgain(workload);
    }
  }
}

/** Whether somebody, as managedFields tell, asks for pods of a workload that was stopped. */
export function startedAgain(workload: Watched, object: KubeObject | undefined): FailedError {
  const by = object === undefined ? undefined : lastWriter(object);
  return new FailedError(
    `${displayName(workload)} is started again each time it is stopped${by === undefined ? '' : `, by "${by}"`}: ` +
      'name what does it with --stop [NAMESPACE/]deployment/NAME',
  );
}

export function isAskedToStop(object: WorkloadObject): boolean {
  const kind = object.kind.toLowerCase();
  if (isScalable(kind)) return (object as ScalableObject).spec?.replicas === 0;
  if (kind === 'job') return (object as Job).spec?.suspend === true || hasFinished(object as Job);
  return kind === 'daemonset' ? isUnscheduled(object as DaemonSet) : true;
}

/** Without a look at what was asked for, the state from before one's own write would pass. */
export function isStopObserved(object: WorkloadObject): boolean {
  if (!isAskedToStop(object)) return false;
  const kind = object.kind.toLowerCase();
  if (kind === 'pod') return true;
  if (kind === 'job') return hasFinished(object as Job) || isTrue(object as Job, 'Suspended');
  const { observedGeneration = 0 } = (object as ScalableObject | DaemonSet).status ?? {};
  return observedGeneration >= (object.metadata.generation ?? 0);
}

/** Complete or Failed: it makes no pod any more. */
export function hasFinished(job: Job): boolean {
  return isTrue(job, 'Complete') || isTrue(job, 'Failed');
}

function isTrue({ status }: Job, type: string): boolean {
  return status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true;
}

/** Who wrote the replicas last, other than through us: its name as it calls itself. */
function lastWriter({ metadata }: KubeObject): string | undefined {
  const writers = (metadata.managedFields ?? [])
    .filter(({ manager, subresource }) => manager !== 'kubectl-pvsnap' && subresource !== 'status')
    .sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1));
  return writers[0]?.manager;
}
