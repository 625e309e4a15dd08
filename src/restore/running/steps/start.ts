/** Gives the workloads their replicas back, in the reverse order of the stop, and waits until they are ready. */
import { pods } from '../../../cluster/resources.ts';
import type { ReadyState } from '../../../workloads/ready.ts';
import { untilReady } from '../../../workloads/ready.ts';
import { scaleTo } from '../../../workloads/scale.ts';
import type { RunContext } from '../context.ts';
import { workloadWatches } from '../context.ts';

export async function start(context: RunContext, signal: AbortSignal): Promise<void> {
  const { cluster, plan, watchOf, report } = context;
  const workloads = plan.workloads.toReversed().map((workload) => ({ ...workload, namespace: plan.namespace }));
  const watches = { ...(await workloadWatches(context)), pods: await watchOf(pods) };
  for (const workload of workloads) await scaleTo(cluster, workload, workload.replicas);
  await untilReady(watches, workloads, signal, (states) => {
    const done = states.filter(({ ready, wanted }) => ready >= wanted).length;
    report({ step: 'start', done, total: workloads.length, detail: states.map(describeState).join(', ') });
  });
}

function describeState({ workload, ready, wanted, trouble }: ReadyState): string {
  const name = workload.slice(workload.indexOf('/') + 1);
  return `${name} ${ready}/${wanted}${trouble === undefined ? '' : ` (${trouble})`}`;
}
