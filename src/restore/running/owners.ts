/** Holds those who would start the workloads again, and lets go of them. */
import type { KubeObject, Pod } from '../../cluster/objects.ts';
import { deployments, pods } from '../../cluster/resources.ts';
import type { Watch } from '../../cluster/watch.ts';
import { hasCondition, holdOwner, ownerName, releaseOwner, resourceOfOwner } from '../../workloads/hold.ts';
import type { Owner } from '../../workloads/owner.ts';
import { podsOf } from '../../workloads/pods-of.ts';
import { isRolledOut } from '../../workloads/rolled-out.ts';
import { isStopObserved } from '../../workloads/stopped.ts';
import { valueAt } from '../../workloads/value-at.ts';
import { untilAny } from '../../workloads/watches.ts';
import { holdersOf } from '../holders.ts';
import type { RunContext } from './context.ts';

/** In the order of the plan: whoever acts on the others first. Each is proven to be stopped before the next is held. */
export async function holdOwners(
  context: RunContext,
  signal: AbortSignal,
  tell: (detail: string) => void,
): Promise<void> {
  const { cluster, plan } = context;
  for (const owner of plan.owners ?? []) {
    signal.throwIfAborted();
    tell(`holding ${ownerName(owner)}`);
    await holdOwner(cluster, owner, holdersOf(plan));
    await untilHeld(context, owner, signal, tell);
  }
}

/**
 * In reverse. Those that are gone, and what somebody else has changed since, are left alone.
 * @returns a line for each that stays stopped, for another operation or because it was so before
 */
export async function releaseOwners({ cluster, plan }: RunContext): Promise<string[]> {
  const left: string[] = [];
  for (const owner of (plan.owners ?? []).toReversed()) {
    const others = await releaseOwner(cluster, owner, holdersOf(plan));
    if (others.length > 0) left.push(`${ownerName(owner)} stays held: ${others.join(', ')} holds it too`);
    else if (owner.role === 'operator' && owner.changes.length === 0)
      left.push(`${ownerName(owner)} stays stopped, as it was`);
  }
  return left;
}

/** Its own pods are back, and it says that it is well, where it says so, and where somebody is there who would. */
export async function untilOwnersReady(
  context: RunContext,
  signal: AbortSignal,
  tell: (detail: string) => void,
): Promise<void> {
  for (const owner of (context.plan.owners ?? []).toReversed()) {
    const { ready, how, changes } = owner;
    const wasRunning = how === 'scale' && changes[0]?.before !== 0;
    // Without changes somebody else had stopped it, and it stays so.
    if (changes.length === 0 || (ready === undefined && !wasRunning)) continue;
    if (ready !== undefined && (await areOperatorsStopped(context))) continue;
    const watch = await watchOwner(context, owner);
    await watch.until((objects) => {
      const object = objects.get(owner.name);
      if (object === undefined) return true;
      const isWell = ready === undefined ? isRolledOut(object) : hasCondition(object, ready);
      if (!isWell) tell(`${ownerName(owner)} is not ready${ready === undefined ? '' : ` (${ready.type})`}`);
      return isWell || undefined;
    }, signal);
  }
}

async function untilHeld(
  context: RunContext,
  owner: Owner,
  signal: AbortSignal,
  tell: (detail: string) => void,
): Promise<void> {
  if (owner.how === 'scale') return untilOperatorGone(context, owner, signal, tell);
  const { proof } = owner;
  // An operator that another operation, or a person, has stopped already would say nothing any more.
  if (proof === undefined || (await areOperatorsStopped(context))) return;
  const watch = await watchOwner(context, owner);
  await watch.until((objects) => {
    const object = objects.get(owner.name);
    if (object === undefined || hasCondition(object, proof)) return true;
    tell(`${ownerName(owner)} does not yet say ${proof.type}=${proof.status}`);
    return undefined;
  }, signal);
}

/** Whether the plan has operators, and all of them ask for no pod: they do nothing once their last ones are gone. */
export async function areOperatorsStopped({ cluster, plan }: RunContext): Promise<boolean> {
  const operators = (plan.owners ?? []).filter(({ role }) => role === 'operator');
  const found = await Promise.all(
    operators.map((owner) => cluster.find(resourceOfOwner(owner), owner.name, owner.namespace)),
  );
  return (
    found.length > 0 && found.every((object) => object === undefined || valueAt(object, ['spec', 'replicas']) === 0)
  );
}

/** One in its grace period may still act. */
async function untilOperatorGone(
  context: RunContext,
  owner: Owner,
  signal: AbortSignal,
  tell: (detail: string) => void,
): Promise<void> {
  const watch = await watchOwner(context, owner);
  const watchPods: Watch<Pod> = await context.watchOf(pods, { namespace: owner.namespace });
  const isGone = (): boolean => {
    const object = watch.objects.get(owner.name);
    if (object === undefined) return true;
    const remaining = podsOf(
      { kind: owner.resource.kind.toLowerCase(), uid: owner.uid, object },
      watchPods.objects.values(),
    );
    if (remaining.length > 0)
      tell(`${ownerName(owner)}: ${remaining.map(({ metadata }) => metadata.name).join(', ')} is ending`);
    return remaining.length === 0 && isStopObserved(object);
  };
  await untilAny([watch, watchPods], isGone, signal);
}

function watchOwner({ watchOf }: RunContext, owner: Owner): Promise<Watch<KubeObject>> {
  const { name, namespace } = owner;
  const resource = owner.how === 'scale' && owner.resource.kind === 'Deployment' ? deployments : resourceOfOwner(owner);
  return watchOf<KubeObject>(resource, {
    ...(namespace !== undefined && { namespace }),
    fieldSelector: `metadata.name=${name}`,
  });
}
