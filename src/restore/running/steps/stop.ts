/** Holds the owners, stops the workloads and waits until nothing holds their claims and volumes any more. */
import type { Pod } from '../../../cluster/objects.ts';
import { pods, volumeAttachments } from '../../../cluster/resources.ts';
import { FailedError } from '../../../errors.ts';
import type { RemainingPod } from '../../../workloads/gone.ts';
import { remainingPods } from '../../../workloads/gone.ts';
import { asStatefulSet, displayName, isWorkloadKind } from '../../../workloads/kinds.ts';
import { podsNamedAs, podsOf } from '../../../workloads/pods-of.ts';
import { deletesClaims, keepClaims } from '../../../workloads/retention.ts';
import { stopWorkload } from '../../../workloads/stop-ways.ts';
import { stopAll } from '../../../workloads/stopped.ts';
import type { WorkloadWatches } from '../../../workloads/watches.ts';
import { watchedObject } from '../../../workloads/watches.ts';
import type { PlanWorkload } from '../../plan.ts';
import { inTurn } from '../../plan.ts';
import { attachedStill, mayWatchAttachments } from '../attachments.ts';
import type { RunContext } from '../context.ts';
import { workloadWatches } from '../context.ts';
import { holdOwners } from '../owners.ts';

export async function stop(context: RunContext, signal: AbortSignal): Promise<void> {
  const { plan, watchOf } = context;
  const watchPods = await watchOf(pods);
  const watches = await workloadWatches(context);
  const mayWatch = await mayWatchAttachments(context);
  const tell = teller(context);
  // An owner that shuts down scales by itself.
  for (const workload of plan.workloads) await keepItsClaims(context, watches, workload);
  await holdOwners(context, signal, tell);
  signal.throwIfAborted();
  const stopOne = async (workload: PlanWorkload): Promise<void> => {
    // One that was held only now, or whoever starts the workload again, may have put the policy back.
    await keepItsClaims(context, watches, workload);
    await stopWorkload(context.cluster, { ...workload, namespace: plan.namespace }, plan.operation);
  };
  const onUnseen = (workload: PlanWorkload): void => {
    tell(`the controller of ${displayName(workload)} has not seen its stop`);
  };
  const groups = inTurn(plan.workloads);
  // The next group may be what these need in order to end well.
  for (const [index, group] of groups.slice(0, -1).entries()) {
    const isThere = (): boolean => {
      const remaining = podsOfAll(group, watches, watchPods.objects);
      if (remaining.length > 0) tell(`${remaining.map(({ metadata }) => metadata.name).join(', ')} is ending`);
      return remaining.length === 0;
    };
    const earlier = groups.slice(0, index).flat();
    await stopAll(watches, group, signal, stopOne, { earlier, pods: watchPods, isThere, onUnseen });
  }
  const attachments = mayWatch ? await watchOf(volumeAttachments) : undefined;
  const inUse = new Set(plan.members.map(({ claim }) => claim));
  const isThere = (): boolean => {
    const remaining = remainingPods(watchPods.objects.values(), inUse);
    const detail = remaining.length > 0 ? remaining.map(describePod).join(', ') : attachedStill(context, attachments);
    if (detail !== undefined) tell(detail);
    return detail === undefined;
  };
  const rest = { earlier: groups.slice(0, -1).flat(), pods: watchPods, isThere, onUnseen };
  const others = attachments === undefined ? [] : [attachments];
  await stopAll(watches, groups.at(-1) ?? [], signal, stopOne, { ...rest, others });
  context.report({ step: 'stop', done: plan.workloads.length, total: plan.workloads.length });
}

/** What is waited for, each once. */
function teller({ report, plan }: RunContext): (detail: string) => void {
  let told: string | undefined;
  return (detail) => {
    if (detail !== told) report({ step: 'stop', done: 0, total: plan.workloads.length, detail });
    told = detail;
  };
}

/** @throws FailedError for a StatefulSet whose policy is to delete claims since the plan was made: nobody would put it back */
async function keepItsClaims(
  { cluster, plan }: RunContext,
  watches: WorkloadWatches,
  workload: PlanWorkload,
): Promise<void> {
  if (workload.whenScaled !== undefined) await keepClaims(cluster, workload.name, plan.namespace);
  else if (deletesClaims(asStatefulSet({ ...workload, object: watchedObject(watches, workload) }))) {
    throw new FailedError(
      `${displayName(workload)} was told to delete its claims when it is scaled to 0 ` +
        '(persistentVolumeClaimRetentionPolicy.whenScaled) since the plan was made: set that to Retain',
    );
  }
}

function podsOfAll(group: readonly PlanWorkload[], watches: WorkloadWatches, all: ReadonlyMap<string, Pod>): Pod[] {
  return group.flatMap((workload) => {
    if (workload.kind === 'pod') return all.get(workload.name) ?? [];
    if (!isWorkloadKind(workload.kind)) return podsNamedAs(workload, all.values());
    const object = watchedObject(watches, workload);
    return object === undefined ? [] : podsOf({ ...workload, object }, all.values());
  });
}

function describePod({ pod, phase, since, graceSeconds }: RemainingPod): string {
  if (since === undefined) return `${pod} is ${phase}`;
  return `${pod} is ending (its grace period is ${graceSeconds ?? 0} s)`;
}
