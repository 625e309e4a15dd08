/** Holds the owners, stops the workloads and waits until nothing holds their claims and volumes any more. */
import type { Pod } from '../../../cluster/objects.ts';
import { pods } from '../../../cluster/resources.ts';
import type { RemainingPod } from '../../../workloads/gone.ts';
import { remainingPods } from '../../../workloads/gone.ts';
import { isWorkloadKind } from '../../../workloads/kinds.ts';
import { podsNamedAs, podsOf } from '../../../workloads/pods-of.ts';
import { keepClaims } from '../../../workloads/retention.ts';
import { stopWorkload } from '../../../workloads/stop-ways.ts';
import { stopAll } from '../../../workloads/stopped.ts';
import type { WorkloadWatches } from '../../../workloads/watches.ts';
import { watchedObject } from '../../../workloads/watches.ts';
import type { PlanWorkload } from '../../plan.ts';
import { inTurn } from '../../plan.ts';
import { attachedStill, watchAttachments } from '../attachments.ts';
import type { RunContext } from '../context.ts';
import { workloadWatches } from '../context.ts';
import { holdOwners } from '../owners.ts';

export async function stop(context: RunContext, signal: AbortSignal): Promise<void> {
  const { cluster, plan, watchOf } = context;
  const watchPods = await watchOf(pods);
  const watches = await workloadWatches(context);
  const attachments = await watchAttachments(context);
  let told: string | undefined;
  const tell = (done: number, detail?: string): void => {
    if (detail === told && detail !== undefined) return;
    told = detail;
    context.report({ step: 'stop', done, total: plan.workloads.length, ...(detail !== undefined && { detail }) });
  };
  // An owner that shuts down scales by itself; one that is held only afterwards may have put the policy back.
  await keepAllClaims(context);
  await holdOwners(context, signal, (detail) => {
    tell(0, detail);
  });
  await keepAllClaims(context);
  signal.throwIfAborted();
  const stopOne = (workload: PlanWorkload): Promise<void> =>
    stopWorkload(cluster, { ...workload, namespace: plan.namespace }, plan.operation);
  const inUse = new Set(plan.members.map(({ claim }) => claim));
  const isAllFree = (): boolean => {
    const remaining = remainingPods(watchPods.objects.values(), inUse);
    const detail = remaining.length > 0 ? remaining.map(describePod).join(', ') : attachedStill(context, attachments);
    if (detail !== undefined) tell(0, detail);
    return detail === undefined;
  };
  const groups = inTurn(plan.workloads);
  // The next group may be what these need in order to end well.
  for (const group of groups.slice(0, -1)) {
    const isThere = (): boolean => {
      const remaining = podsOfAll(group, watches, watchPods.objects);
      if (remaining.length > 0) tell(0, `${remaining.map(({ metadata }) => metadata.name).join(', ')} is ending`);
      return remaining.length === 0;
    };
    await stopAll(watches, group, signal, stopOne, { pods: watchPods, isThere });
  }
  const others = attachments === undefined ? [] : [attachments];
  await stopAll(watches, groups.flat(), signal, stopOne, { pods: watchPods, others, isThere: isAllFree });
  tell(plan.workloads.length);
}

async function keepAllClaims({ cluster, plan }: RunContext): Promise<void> {
  for (const { name, whenScaled } of plan.workloads) {
    if (whenScaled !== undefined) await keepClaims(cluster, name, plan.namespace);
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
