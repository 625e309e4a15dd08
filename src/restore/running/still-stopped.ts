/** What a workload wrote after the safety set was taken is not in it: then no claim may be deleted any more. */
import { FailedError } from '../../errors.ts';
import { displayName } from '../../workloads/kinds.ts';
import { watchedObject } from '../../workloads/watches.ts';
import type { RestorePlan } from '../plan.ts';
import type { RunContext } from './context.ts';
import { workloadWatches } from './context.ts';

/** The plan with the generations of now, which change whenever somebody scales. To be called before the set is taken. */
export async function noteStopped(context: RunContext<RestorePlan>): Promise<RestorePlan> {
  const watches = await workloadWatches(context);
  const workloads = context.plan.workloads.map((workload) => {
    const { stoppedGeneration: _earlier, ...rest } = workload;
    const stoppedGeneration = watchedObject(watches, workload)?.metadata.generation;
    return stoppedGeneration === undefined ? rest : { ...rest, stoppedGeneration };
  });
  return { ...context.plan, workloads };
}

/** @throws FailedError when one was started, or may have been */
export async function checkStillStopped(context: RunContext<RestorePlan>): Promise<void> {
  const watches = await workloadWatches(context);
  const started = context.plan.workloads.find((workload) => {
    const object = watchedObject(watches, workload);
    return object !== undefined && object.metadata.generation !== workload.stoppedGeneration;
  });
  if (started === undefined) return;
  throw new FailedError(
    `${displayName(started)} was scaled or changed since the safety set was taken, which would lack what it wrote since: ` +
      'this claim was not deleted',
  );
}
