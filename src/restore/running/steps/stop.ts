/** Scales the workloads to 0 and waits until nothing holds their claims and volumes any more. */
import { pods } from '../../../cluster/resources.ts';
import type { RemainingPod } from '../../../workloads/gone.ts';
import { untilNoPodUses, untilObserved } from '../../../workloads/gone.ts';
import { keepClaims } from '../../../workloads/retention.ts';
import { scaleTo } from '../../../workloads/scale.ts';
import { untilDetached } from '../attachments.ts';
import type { RunContext } from '../context.ts';
import { workloadWatches } from '../context.ts';

export async function stop(context: RunContext, signal: AbortSignal): Promise<void> {
  const { cluster, plan, watchOf } = context;
  const watchPods = await watchOf(pods);
  const watches = await workloadWatches(context);
  const tell = (done: number, detail?: string): void => {
    context.report({ step: 'stop', done, total: plan.workloads.length, ...(detail !== undefined && { detail }) });
  };
  for (const { name, whenScaled } of plan.workloads) {
    if (whenScaled !== undefined) await keepClaims(cluster, name, plan.namespace);
  }
  for (const workload of plan.workloads) await scaleTo(cluster, { ...workload, namespace: plan.namespace }, 0);
  await untilObserved(watches, plan.workloads, signal);
  await untilNoPodUses(watchPods, new Set(plan.members.map(({ claim }) => claim)), signal, (remaining) => {
    tell(0, remaining.map(describePod).join(', '));
  });
  await untilDetached(context, signal, (detail) => {
    tell(0, detail);
  });
  tell(plan.workloads.length);
}

function describePod({ pod, phase, since, graceSeconds }: RemainingPod): string {
  if (since === undefined) return `${pod} is ${phase}`;
  return `${pod} is ending (its grace period is ${graceSeconds ?? 0} s)`;
}
