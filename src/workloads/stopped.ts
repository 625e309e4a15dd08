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

/** A controller that was in the middle of its work when it was held may write once or twice more. */
const mostStops = 5;

/**
 * Stops workloads, and waits until their controllers have seen that they shall have no pods. Before that, one of them
 * may be about to make a pod that no watch shows yet. A workload that is started again meanwhile is stopped again.
 * @param stop does nothing when the workload is stopped already
 * @throws the signal's reason; ClusterError when a watch can't go on; FailedError when somebody starts one again and again
 */
export async function stopAll<W extends Watched>(
  watches: WorkloadWatches,
  workloads: readonly W[],
  signal: AbortSignal,
  stop: (workload: W) => Promise<void>,
): Promise<void> {
  const runs = workloads.map((workload) => ({ workload, stops: 0, seenAtRest: false, generation: 0 }));
  const stopOne = async (run: (typeof runs)[number]): Promise<void> => {
    const object = watchedObject(watches, run.workload);
    if (++run.stops > mostStops) throw startedAgain(run.workload, object);
    run.seenAtRest = false;
    run.generation = object?.metadata.generation ?? 0;
    await stop(run.workload);
  };
  let toStop = runs;
  while (toStop.length > 0) {
    for (const run of toStop) await stopOne(run);
    toStop = [];
    const isDone = (): boolean => {
      const seen = runs.map((run) => ({ run, object: watchedObject(watches, run.workload) }));
      toStop = seen.filter(({ run, object }) => hasComeBack(run, object)).map(({ run }) => run);
      return toStop.length > 0 || seen.every(({ object }) => object === undefined || isStopObserved(object));
    };
    await untilAny(Object.values(watches), isDone, signal);
  }
}

/**
 * A watch may still show a workload as it was before the stop. It has come back once it was seen at rest, or once its
 * spec was written twice since: by the stop, and then by somebody else.
 */
function hasComeBack(run: { seenAtRest: boolean; generation: number }, object: WorkloadObject | undefined): boolean {
  if (object === undefined || isAskedToStop(object)) {
    run.seenAtRest = true;
    return false;
  }
  return run.seenAtRest || (object.metadata.generation ?? 0) >= run.generation + 2;
}

/** Whether somebody, as managedFields tell, asks for pods of a workload that was stopped. */
function startedAgain(workload: Watched, object: KubeObject | undefined): FailedError {
  const by = object === undefined ? undefined : lastWriter(object);
  return new FailedError(
    `${displayName(workload)} is started again each time it is stopped${by === undefined ? '' : `, by "${by}"`}: ` +
      'name what does it with --stop [NAMESPACE/]deployment/NAME',
  );
}

function isAskedToStop(object: WorkloadObject): boolean {
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
