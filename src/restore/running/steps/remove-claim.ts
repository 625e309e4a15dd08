/** The one place that deletes a claim. What could make that a loss is asked of the server right before. */
import { onFreshObject } from '../../../cluster/conflict.ts';
import type { Claim, Pod } from '../../../cluster/objects.ts';
import { claims, pods, volumes } from '../../../cluster/resources.ts';
import { FailedError, isClusterError } from '../../../errors.ts';
import { hasEnded, podsUsing } from '../../../workloads/gone.ts';
import { displayName } from '../../../workloads/kinds.ts';
import { parentOf } from '../../../workloads/pods-of.ts';
import { untilAny } from '../../../workloads/watches.ts';
import type { RunContext } from '../context.ts';
import type { Plan } from '../../plan.ts';
import type { Role } from '../../volumes.ts';
import { isKept } from '../../volumes.ts';

interface Removal {
  name: string;
  /** What its volume must be marked as, and Retain, so that the data outlives the claim. */
  role?: Role;
  /** Throws when the claim isn't the one that was meant; without a role, also when no copy of its data exists. */
  check: (claim: Claim) => void | Promise<void>;
}

/** An unfinished snapshot holds its source claim: external-snapshotter pkg/utils PVCFinalizer. */
const snapshotFinalizer = 'snapshot.storage.kubernetes.io/pvc-as-source-protection';

/**
 * Deletes the claim, if there is one, and waits until it is gone.
 * @throws FailedError when its volume isn't kept, or a pod uses it again: then nothing was deleted
 */
export async function removeClaim(context: RunContext, removal: Removal, signal: AbortSignal): Promise<void> {
  const { cluster, plan, watchOf } = context;
  const { name } = removal;
  const watch = await watchOf(claims);
  // Its deletion would hang until the snapshot is finished, and could not be taken back.
  await watch.until((objects) => !isHeldBySnapshot(objects.get(name)) || undefined, signal);
  const removed = await onFreshObject(async () => {
    const claim = await cluster.find(claims, name, plan.namespace);
    if (claim === undefined) return undefined;
    await removal.check(claim);
    await checkUnused(context, name);
    if (removal.role !== undefined) await checkKept(context, claim, removal.role);
    if (claim.metadata.deletionTimestamp === undefined) await deleteExactly(context, claim);
    return claim.metadata.uid;
  });
  if (removed !== undefined) await untilGone(context, name, removed, signal);
}

/**
 * A pod that got a node before the deletion holds the claim as long as it runs, and nobody ends it. One that came later
 * gets no node with this claim (pvc-protection, and the scheduler); one that is ending goes by itself.
 */
async function untilGone(
  { watchOf }: RunContext,
  name: string,
  uid: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const [watch, watchPods] = [await watchOf(claims), await watchOf(pods)];
  const isGone = (): boolean => {
    if (watch.objects.get(name)?.metadata.uid !== uid) return true;
    const [pod] = podsUsing(watchPods.objects.values(), new Set([name])).filter(isHolding);
    if (pod !== undefined) throw usedAgain(pod, name);
    return false;
  };
  await untilAny([watch, watchPods], isGone, signal);
}

function isHolding(pod: Pod): boolean {
  const { metadata, spec } = pod;
  return !hasEnded(pod) && (spec?.nodeName ?? '') !== '' && metadata.deletionTimestamp === undefined;
}

function isHeldBySnapshot(claim: Claim | undefined): boolean {
  return claim?.metadata.finalizers?.includes(snapshotFinalizer) === true;
}

async function checkUnused({ watchOf }: RunContext, claim: string): Promise<void> {
  const [pod] = podsUsing((await watchOf(pods)).objects.values(), new Set([claim]));
  if (pod !== undefined) throw usedAgain(pod, claim);
}

function usedAgain(pod: Pod, claim: string): FailedError {
  const parent = parentOf(pod);
  const whose =
    parent === undefined
      ? 'nobody owns it'
      : `of ${displayName({ kind: parent.kind.toLowerCase(), name: parent.name })}`;
  return new FailedError(
    `pod ${pod.metadata.name} (${whose}) uses claim ${claim} again: stop what started it, or name its operator with --stop`,
  );
}

/** Somebody may have changed the policy, or another operation may have taken the volume over. */
async function checkKept({ cluster, plan }: RunContext, claim: Claim, role: Role): Promise<void> {
  const name = claim.spec?.volumeName ?? '';
  const volume = name === '' ? undefined : await cluster.find(volumes, name);
  // A staging claim holds a copy; one that is being deleted must not keep an undo from its end.
  const isLost = volume?.metadata.deletionTimestamp !== undefined && isOfMember(plan, claim);
  if (volume !== undefined && isKept(volume, plan.operation, role) && !isLost) return;
  throw new FailedError(
    `volume ${name} of claim ${claim.metadata.name} is no longer kept by ${plan.operation} (Retain, ${role}): ` +
      'somebody has changed it, and deleting the claim could delete the data',
  );
}

function isOfMember({ members }: Plan, { metadata }: Claim): boolean {
  return members.some(({ claim }) => claim === metadata.name);
}

async function deleteExactly({ cluster, plan }: RunContext, { metadata }: Claim): Promise<void> {
  const { name, uid, resourceVersion } = metadata;
  try {
    await cluster.delete(claims, { name, namespace: plan.namespace }, { uid, resourceVersion });
  } catch (error) {
    if (!isClusterError(error, 'NotFound')) throw error;
  }
}
