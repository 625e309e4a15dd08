/** Starts the workloads in the reverse order of the stop, lets go of their owners, and waits until all are ready. */
import { pods } from '../../../cluster/resources.ts';
import { FailedError } from '../../../errors.ts';
import type { ReadyState } from '../../../workloads/ready.ts';
import { untilReady } from '../../../workloads/ready.ts';
import { releaseClaims } from '../../../workloads/retention.ts';
import { startWorkload } from '../../../workloads/stop-ways.ts';
import { inTurn } from '../../plan.ts';
import type { RunContext } from '../context.ts';
import { workloadWatches } from '../context.ts';
import { checkInPlace } from '../in-place.ts';
import { areOperatorsStopped, releaseOwners, untilOwnersReady } from '../owners.ts';
import { newestWarning } from '../warnings.ts';

export async function start(context: RunContext, signal: AbortSignal): Promise<void> {
  const { cluster, plan, watchOf, report, left } = context;
  await checkInPlace(context);
  const groups = inTurn(plan.workloads).map((group) =>
    group.toReversed().map((workload) => ({ ...workload, namespace: plan.namespace })),
  );
  const workloads = groups.toReversed().flat();
  const watches = { workloads: await workloadWatches(context), pods: await watchOf(pods) };
  let seen: readonly ReadyState[] = [];
  /** What an owner says. */
  let owners: string[] = [];
  const ready = (started: typeof workloads): Promise<void> =>
    untilReady(watches, started, signal, (states) => {
      seen = states;
      const done = states.filter(({ ready: now, wanted }) => now >= wanted).length;
      report({
        step: 'start',
        done,
        total: workloads.length,
        detail: [...states.map(describeState), ...left].join(', '),
      });
    });
  try {
    for (const group of groups.toReversed()) {
      for (const workload of group) await startWorkload(cluster, workload);
      // The pods of the others come only once their owners are let go.
      const own = group.filter(({ how }) => how !== 'delete' && how !== 'wait');
      if (group !== groups[0] && own.length > 0) await ready(own);
    }
    left.push(...(await releaseOwners(context)));
    const isAlone = await areOperatorsStopped(context);
    // Pods that nobody makes until others have let go of the operator are not waited for.
    const coming = workloads.filter(({ how }) => !(isAlone && how === 'delete'));
    if (coming.length > 0) await ready(coming);
    await untilOwnersReady(context, signal, (detail) => {
      owners = [detail];
      report({ step: 'start', done: workloads.length, total: workloads.length, detail: [detail, ...left].join(', ') });
    });
  } catch (error) {
    throw await withReasons(context, seen, [...owners, ...left], error);
  }
  // Before, a scale-down by somebody else could still delete a claim that is not yet in use.
  for (const { name, whenScaled } of workloads) {
    if (whenScaled !== undefined) await releaseClaims(cluster, name, plan.namespace);
  }
}

/** The data is in place; whether the workload can do with it is for a person to see, so all that is known is said. */
async function withReasons(
  context: RunContext,
  seen: readonly ReadyState[],
  ofOwners: readonly string[],
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof DOMException && error.name === 'TimeoutError')) return error;
  const warning = seen.some(({ trouble }) => trouble !== undefined)
    ? undefined
    : await newestWarning(context, context.plan.workloads);
  const why = [...ofOwners, ...seen.map(describeState), ...(warning === undefined ? [] : [warning])].join('; ');
  const what = seen.every(({ ready, wanted }) => ready >= wanted) && ofOwners.length > 0 ? 'its owner' : 'the workload';
  return new FailedError(`${what} did not get ready before the deadline (--timeout): ${why}`, { cause: error });
}

function describeState({ workload, ready, wanted, trouble }: ReadyState): string {
  const name = workload.slice(workload.indexOf('/') + 1);
  return `${name} ${ready}/${wanted}${trouble === undefined ? '' : ` (${trouble})`}`;
}
