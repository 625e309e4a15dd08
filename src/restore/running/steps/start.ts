/** Gives the workloads their replicas back, in the reverse order of the stop, and waits until they are ready. */
import { pods } from '../../../cluster/resources.ts';
import { FailedError } from '../../../errors.ts';
import type { ReadyState } from '../../../workloads/ready.ts';
import { untilReady } from '../../../workloads/ready.ts';
import { releaseClaims } from '../../../workloads/retention.ts';
import { scaleTo } from '../../../workloads/scale.ts';
import type { RunContext } from '../context.ts';
import { workloadWatches } from '../context.ts';
import { checkInPlace } from '../in-place.ts';
import { newestWarning } from '../warnings.ts';

export async function start(context: RunContext, signal: AbortSignal): Promise<void> {
  const { cluster, plan, watchOf, report } = context;
  await checkInPlace(context);
  const workloads = plan.workloads.toReversed().map((workload) => ({ ...workload, namespace: plan.namespace }));
  const watches = { ...(await workloadWatches(context)), pods: await watchOf(pods) };
  for (const workload of workloads) await scaleTo(cluster, workload, workload.replicas);
  let seen: readonly ReadyState[] = [];
  try {
    await untilReady(watches, workloads, signal, (states) => {
      seen = states;
      const done = states.filter(({ ready, wanted }) => ready >= wanted).length;
      report({ step: 'start', done, total: workloads.length, detail: states.map(describeState).join(', ') });
    });
  } catch (error) {
    throw await withReasons(context, seen, error);
  }
  // Before, a scale-down by somebody else could still delete a claim that is not yet in use.
  for (const { name, whenScaled } of workloads) {
    if (whenScaled !== undefined) await releaseClaims(cluster, name, plan.namespace);
  }
}

/** The data is in place; whether the workload can do with it is for a person to see, so all that is known is said. */
async function withReasons(context: RunContext, seen: readonly ReadyState[], error: unknown): Promise<unknown> {
  if (!(error instanceof DOMException && error.name === 'TimeoutError')) return error;
  const warning = seen.some(({ trouble }) => trouble !== undefined)
    ? undefined
    : await newestWarning(context, context.plan.workloads);
  const why = [...seen.map(describeState), ...(warning === undefined ? [] : [warning])].join('; ');
  return new FailedError(`the workload did not get ready before the deadline (--timeout): ${why}`, { cause: error });
}

function describeState({ workload, ready, wanted, trouble }: ReadyState): string {
  const name = workload.slice(workload.indexOf('/') + 1);
  return `${name} ${ready}/${wanted}${trouble === undefined ? '' : ` (${trouble})`}`;
}
