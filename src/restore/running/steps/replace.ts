/** Deletes each claim and makes it again from its snapshot. The data of before is in the safety set. */
import { createOnce } from '../../../cluster/create-once.ts';
import type { Claim, Snapshot } from '../../../cluster/objects.ts';
import { claims, snapshots } from '../../../cluster/resources.ts';
import { FailedError, isClusterError } from '../../../errors.ts';
import { setLabel } from '../../../sets/marks.ts';
import { memberOf, stateOf } from '../../../sets/member.ts';
import { contentsOf } from '../../../sets/read.ts';
import type { RunContext } from '../context.ts';
import { provision } from '../provisioning.ts';
import { onceQuotaAllows } from '../quota-lag.ts';
import { checkStillStopped } from '../still-stopped.ts';
import type { RestoreMember, RestorePlan } from '../../plan.ts';
import { isMadeAgain, replacingClaim } from '../../staging-claim.ts';
import { removeClaim } from './remove-claim.ts';

/**
 * A claim that carries the operation's name and has its snapshot as its source is done.
 * @param signal ends everything; `cancelled` only the wait for the driver: no claim is left deleted and not made again
 * @throws FailedError when a copy of the data is missing, or somebody else has made the claim: then it isn't deleted
 */
export async function replace(
  context: RunContext<RestorePlan>,
  signal: AbortSignal,
  cancelled: AbortSignal,
): Promise<void> {
  // Opened before the first deletion, so that the watch sees the former claim go.
  await context.watchOf(claims);
  const make = (member: RestoreMember): Promise<void> => replaceMember(context, member, signal);
  const { members } = context.plan;
  await provision(context, members, { step: 'replace', make, signal: AbortSignal.any([signal, cancelled]) });
}

async function replaceMember(
  context: RunContext<RestorePlan>,
  member: RestoreMember,
  signal: AbortSignal,
): Promise<void> {
  const { cluster, plan } = context;
  const present = await cluster.find(claims, member.claim, plan.namespace);
  const isDone = present !== undefined && isMadeAgain(present, plan, member);
  if (!isDone) {
    const check = (claim: Claim): Promise<void> => checkReplaceable(context, member, claim);
    await removeClaim(context, { name: member.claim, check }, signal);
  }
  const { metadata } = isDone ? present : await makeAgain(context, member, signal);
  const watch = await context.watchOf(claims);
  await watch.until((objects) => objects.get(member.claim)?.metadata.uid === metadata.uid || undefined, signal);
}

/** Asked right before the deletion, of the server: the last moment at which nothing is lost. */
async function checkReplaceable(context: RunContext<RestorePlan>, member: RestoreMember, claim: Claim): Promise<void> {
  if (claim.metadata.uid !== member.now?.uid) throw madeByOthers(member.claim);
  await checkStillStopped(context);
  await checkUsable(context, member.claim, member.snapshot, undefined);
  if (member.safety !== undefined) {
    await checkUsable(context, member.claim, member.safety.snapshot, context.plan.safetySet);
  } else if ((claim.spec?.volumeName ?? '') !== '') {
    throw new FailedError(`claim ${member.claim} has a volume now, and no snapshot keeps its data: it was not deleted`);
  }
}

/** Ready, bound both ways as far as the user may see, and not on its way out. */
async function checkUsable(
  { cluster, plan }: RunContext<RestorePlan>,
  claim: string,
  name: string,
  set: string | undefined,
): Promise<void> {
  const snapshot = await cluster.find(snapshots, name, plan.namespace);
  const isMeant = snapshot?.spec.source.persistentVolumeClaimName === claim && isIn(snapshot, set);
  if (snapshot !== undefined && isMeant) {
    const contents = await contentsOf(cluster, [snapshot]);
    const content = contents.get(snapshot.status?.boundVolumeSnapshotContentName ?? '');
    const isStaying = content?.metadata.deletionTimestamp === undefined;
    if (stateOf(memberOf(snapshot, content)) === 'ready' && isStaying) return;
  }
  throw new FailedError(
    `snapshot ${name} of claim ${claim} is gone, not ready, or not what it was: the claim was not deleted`,
  );
}

function isIn({ metadata }: Snapshot, set: string | undefined): boolean {
  return set === undefined || metadata.labels?.[setLabel] === set;
}

function makeAgain(
  { cluster, plan, report }: RunContext<RestorePlan>,
  member: RestoreMember,
  signal: AbortSignal,
): Promise<Claim> {
  const claim = replacingClaim(plan, member, member.nodes[0]);
  const isOurs = (existing: Claim): boolean => isMadeAgain(existing, plan, member);
  const create = (): Promise<Claim> =>
    createOnce(cluster, claims, claim, isOurs, signal).catch((error: unknown) => {
      throw isClusterError(error, 'AlreadyExists') ? madeByOthers(member.claim) : error;
    });
  const tell = (words: string): void => {
    report({ step: 'replace', done: 0, total: plan.members.length, detail: words });
  };
  return onceQuotaAllows(create, tell, signal);
}

/** By a controller that wasn't stopped, or by a person. */
function madeByOthers(claim: string): FailedError {
  return new FailedError(
    `claim ${claim} was made again by somebody else; stop what makes it, and look at it before you delete it`,
  );
}
