/** Whether workloads are stopped, as their controllers have seen it, and stay so. */
import type { DaemonSet, Job, KubeObject, Pod } from '../cluster/objects.ts';
import type { Watch } from '../cluster/watch.ts';
import { FailedError } from '../errors.ts';
import { hasEnded } from './gone.ts';
import type { ScalableObject, WorkloadObject } from './kinds.ts';
import { displayName } from './kinds.ts';
import { isOwnedBy } from './pods-of.ts';
import { isScalable } from './scale.ts';
import type { Stoppable } from './stop-ways.ts';
import { isUnscheduled } from './stop-ways.ts';
import type { WorkloadWatches } from './watches.ts';
import { untilAny, watchedObject } from './watches.ts';

type Watched = Pick<Stoppable, 'kind' | 'name' | 'uid' | 'how'>;

/** What must be so besides, and may become so only after the controllers have seen the stop. */
export interface Rest<W extends Watched> {
  /** Stopped earlier, and to stay so. */
  earlier?: readonly W[];
  pods: Watch<Pod>;
  /** More that it is read from. */
  others?: readonly Watch<KubeObject>[];
  /** Asked after each change in one of the watches. */
  isThere: () => boolean;
  /** Told of a workload whose controller has not seen the stop. */
  onUnseen?: (workload: W) => void;
}

interface Run<W extends Watched> {
  workload: W;
  stops: number;
  seenAtRest: boolean;
  /** When it was stopped last. */
  generation: number;
  /** The uids of the pods that were there then. */
  pods: ReadonlySet<string>;
}

/** A controller that was in the middle of its work when it was held may write once or twice more. */
const mostStops = 5;

/**
 * Stops workloads, and waits until their controllers have seen that they shall have no pods, and for the rest. Before the
 * controllers have seen it, one of them may be about to make a pod that no watch shows yet. A workload that is started
 * again meanwhile is stopped again: whoever waited only for its pods to end would wait for ever.
 * @param stop does nothing when the workload is stopped already
 * @throws the signal's reason; ClusterError when a watch can't go on; FailedError when somebody starts one again and again
 */
export async function stopAll<W extends Watched>(
  watches: WorkloadWatches,
  workloads: readonly W[],
  signal: AbortSignal,
  stop: (workload: W) => Promise<void>,
  { earlier = [], pods, others = [], isThere, onUnseen }: Rest<W>,
): Promise<void> {
  const runOf = (workload: W, seenAtRest: boolean): Run<W> => {
    return { workload, stops: 0, seenAtRest, generation: 0, pods: new Set() };
  };
  let toStop = workloads.map((workload) => runOf(workload, false));
  const runs = [...earlier.map((workload) => runOf(workload, true)), ...toStop];
  const stopOne = async (run: Run<W>): Promise<void> => {
    const object = watchedObject(watches, run.workload);
    if (++run.stops > mostStops) throw startedAgain(run.workload, object);
    run.seenAtRest = false;
    run.generation = object?.metadata.generation ?? 0;
    run.pods = new Set([...pods.objects.values()].map(({ metadata }) => metadata.uid ?? ''));
    await stop(run.workload);
  };
  do {
    for (const run of toStop) await stopOne(run);
    toStop = [];
    const isDone = (): boolean => {
      const seen = runs.map((run) => ({ run, object: watchedObject(watches, run.workload) }));
      for (const { run, object } of seen) checkSame(run.workload, object ?? podItself(run.workload, pods));
      toStop = seen
        .filter(({ run, object }) => hasComeBack(run, object) || hasNewPods(run, pods.objects.values()))
        .map(({ run }) => run);
      if (toStop.length > 0) return true;
      const unseen = seen.find(({ object }) => object !== undefined && !isStopObserved(object));
      if (unseen !== undefined) onUnseen?.(unseen.run.workload);
      return unseen === undefined && isThere();
    };
    await untilAny([...Object.values(watches), pods, ...others], isDone, signal);
  } while (toStop.length > 0);
}

/** A pod of nobody, which is no workload in the watches. */
function podItself({ how, name }: Watched, { objects }: Watch<Pod>): Pod | undefined {
  const pod = how === 'remake' ? objects.get(name) : undefined;
  return pod !== undefined && isToRun(pod) ? pod : undefined;
}

/** @throws FailedError for another one of the same name: what is written for the stop does nothing to it */
function checkSame(workload: Watched, object: KubeObject | undefined): void {
  // What an owner shuts down it may also replace: nothing of ours is written to it.
  if (object === undefined || object.metadata.uid === workload.uid || workload.how === 'wait') return;
  throw new FailedError(`${displayName(workload)} was deleted and made again by somebody since the plan was made`);
}

/**
 * A watch may still show a workload as it was before the stop. It has come back once it was seen at rest, or once its
 * spec was written twice since: by the stop, and then by somebody else.
 */
function hasComeBack(run: Run<Watched>, object: WorkloadObject | undefined): boolean {
  if (object === undefined || isAskedToStop(object)) {
    run.seenAtRest = true;
    return false;
  }
  if (run.workload.how === 'wait') {
    // Its owner scales it, perhaps in many steps, and nothing of ours would stop it again.
    if (run.seenAtRest)
      throw new FailedError(`${displayName(run.workload)} was shut down by its owner, and scaled up again`);
    return false;
  }
  return run.seenAtRest || (object.metadata.generation ?? 0) >= run.generation + 2;
}

/** Where pods are what is stopped, others that were made since the stop tell that somebody makes them again. */
function hasNewPods({ workload, pods: known }: Run<Watched>, pods: Iterable<Pod>): boolean {
  if (workload.how !== 'delete') return false;
  return [...pods].some((pod) => isOwnedBy(pod, workload) && !known.has(pod.metadata.uid ?? '') && isToRun(pod));
}

/** It has not ended, and nobody has told it to. */
function isToRun(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && !hasEnded(pod);
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
