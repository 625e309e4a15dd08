/** Holds the owners, stops the workloads and waits until nothing holds their claims and volumes any more. */
import type { Pod } from '../../../cluster/objects.ts';
import { pods } from '../../../cluster/resources.ts';
import type { Watch } from '../../../cluster/watch.ts';
import type { RemainingPod } from '../../../workloads/gone.ts';
import { untilNoPodUses } from '../../../workloads/gone.ts';
import { isWorkloadKind } from '../../../workloads/kinds.ts';
import { podsNamedAs, podsOf } from '../../../workloads/pods-of.ts';
import { keepClaims } from '../../../workloads/retention.ts';
import { stopWorkload } from '../../../workloads/stop-ways.ts';
import { stopAll } from '../../../workloads/stopped.ts';
import type { WorkloadWatches } from '../../../workloads/watches.ts';
import { watchedObject } from '../../../workloads/watches.ts';
import type { PlanWorkload } from '../../plan.ts';
import { inTurn } from '../../plan.ts';
import { untilDetached } from '../attachments.ts';
import type { RunContext } from '../context.ts';
import { workloadWatches } from '../context.ts';
import { holdOwners } from '../owners.ts';

export async function stop(context: RunContext, signal: AbortSignal): Promise<void> {
  const { cluster, plan, watchOf } = context;
  const watchPods = await watchOf(pods);
  const watches = await workloadWatches(context);
  const tell = (done: number, detail?: string): void => {
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
  const groups = inTurn(plan.workloads);
  for (const group of groups) {
    await stopAll(watches, group, signal, stopOne);
    if (group !== groups.at(-1)) await untilNoPods(watchPods, watches, group, signal, tell);
  }
  await untilNoPodUses(watchPods, new Set(plan.members.map(({ claim }) => claim)), signal, (remaining) => {
    tell(0, remaining.map(describePod).join(', '));
  });
  await untilDetached(context, signal, (detail) => {
    tell(0, detail);
  });
  tell(plan.workloads.length);
}

async function keepAllClaims({ cluster, plan }: RunContext): Promise<void> {
  for (const { name, whenScaled } of plan.workloads) {
    if (whenScaled !== undefined) await keepClaims(cluster, name, plan.namespace);
  }
}

/** The next may be what these need in order to end well. */
async function untilNoPods(
  watchPods: Watch<Pod>,
  watches: WorkloadWatches,
  group: readonly PlanWorkload[],
  signal: AbortSignal,
  tell: (done: number, detail: string) => void,
): Promise<void> {
  await watchPods.until((all) => {
    const remaining = group.flatMap((workload) => {
      if (workload.kind === 'pod') return all.get(workload.name) ?? [];
      if (!isWorkloadKind(workload.kind)) return podsNamedAs(workload, all.values());
      const object = watchedObject(watches, workload);
      return object === undefined ? [] : podsOf({ ...workload, object }, all.values());
    });
    if (remaining.length > 0) tell(0, `${remaining.map(({ metadata }) => metadata.name).join(', ')} is ending`);
    return remaining.length === 0 || undefined;
  }, signal);
}

function describePod({ pod, phase, since, graceSeconds }: RemainingPod): string {
  if (since === undefined) return `${pod} is ${phase}`;
  return `${pod} is ending (its grace period is ${graceSeconds ?? 0} s)`;
}
