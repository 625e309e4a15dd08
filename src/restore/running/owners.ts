/** Holds those who would start the workloads again, and lets go of them. */
import type { KubeObject, Pod } from '../../cluster/objects.ts';
import { deployments, pods } from '../../cluster/resources.ts';
import type { Watch } from '../../cluster/watch.ts';
import { hasCondition, holdOwner, ownerName, releaseOwner, resourceOfOwner } from '../../workloads/hold.ts';
import type { Owner } from '../../workloads/owner.ts';
import { podsOf } from '../../workloads/pods-of.ts';
import { isRolledOut } from '../../workloads/rolled-out.ts';
import { isStopObserved } from '../../workloads/stopped.ts';
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
    tell(`holding ${ownerName(owner)}`);
    await holdOwner(cluster, owner, holdersOf(plan));
    await untilHeld(context, owner, signal, tell);
  }
}

/** In reverse. Those that are gone, and what somebody else has changed since, are left alone. */
export async function releaseOwners({ cluster, plan }: RunContext): Promise<void> {
  for (const owner of (plan.owners ?? []).toReversed()) await releaseOwner(cluster, owner, holdersOf(plan));
}

/** Its own pods are back, and it says that it is well, where it says so. */
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
  if (proof === undefined) return;
  const watch = await watchOwner(context, owner);
  await watch.until((objects) => {
    const object = objects.get(owner.name);
    if (object === undefined || hasCondition(object, proof)) return true;
    tell(`${ownerName(owner)} does not yet say ${proof.type}=${proof.status}`);
    return undefined;
  }, signal);
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
