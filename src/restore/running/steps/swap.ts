/** Gives each claim's name to the volume to come. The present volume stays behind, Released and retained: parked. */
import type { Claim } from '../../../cluster/objects.ts';
import { createOnce } from '../../../cluster/create-once.ts';
import type { ClaimManifest } from '../../../sets/manifest.ts';
import { claims, volumes } from '../../../cluster/resources.ts';
import { together } from '../../../cluster/together.ts';
import { FailedError, isClusterError } from '../../../errors.ts';
import type { RunContext } from '../context.ts';
import { watchVolumes } from '../context.ts';
import { operationMark } from '../../marks.ts';
import type { PlanMember } from '../../plan.ts';
import { isSwapped, keepsVolume, manifestToCome } from '../../plan.ts';
import type { Role } from '../../volumes.ts';
import { offerVolume, stagedVolume } from '../../volumes.ts';
import { onceQuotaAllows } from '../quota-lag.ts';
import { removeClaim } from './remove-claim.ts';

/**
 * Members are swapped side by side; one that can't be doesn't stop the others halfway.
 * @throws FailedError when a claim was made by somebody else meanwhile, or a pod uses it again
 */
export async function swap(context: RunContext, signal: AbortSignal): Promise<void> {
  const { plan } = context;
  let done = 0;
  await together(
    plan.members.map(async (member) => {
      await swapMember(context, member, signal);
      context.report({ step: 'swap', done: ++done, total: plan.members.length });
    }),
  );
}

async function swapMember(context: RunContext, member: PlanMember, signal: AbortSignal): Promise<void> {
  const manifest = manifestToCome(member);
  if (!isSwapped(member)) await removeStaging(context, member, signal);
  else if (manifest === undefined) await takeAway(context, member, signal);
  else await giveVolume(context, member, manifest, signal);
}

/** There was no such claim before, so there is none again. */
async function takeAway(context: RunContext, member: PlanMember, signal: AbortSignal): Promise<void> {
  await removeClaim(context, { name: member.claim, role: 'parked', check: checkExpected(member) }, signal);
  await removeStaging(context, member, signal);
}

/** Claims that hold a volume of the claim's under another name. */
async function removeStaging(context: RunContext, member: PlanMember, signal: AbortSignal): Promise<void> {
  const stagings: { name: string; role: Role }[] =
    'staging' in member
      ? [{ name: member.staging, role: 'staged' }]
      : member.asides.flatMap(({ staging }) => (staging === undefined ? [] : [{ name: staging, role: 'parked' }]));
  await together(stagings.map((staging) => removeClaim(context, { ...staging, check: () => undefined }, signal)));
}

async function giveVolume(
  context: RunContext,
  member: PlanMember,
  manifest: ClaimManifest,
  signal: AbortSignal,
): Promise<void> {
  const { cluster, plan, report } = context;
  const volume = await stagedVolumeName(context, member);
  const hasIt = ({ spec, metadata }: Claim): boolean =>
    spec?.volumeName === volume && metadata.annotations?.[operationMark] === plan.operation;
  const present = await cluster.find(claims, member.claim, plan.namespace);
  if (present !== undefined && hasIt(present)) await offerAgain(context, present, volume);
  else {
    const role = keepsVolume(member) ? 'staged' : 'parked';
    await removeClaim(context, { name: member.claim, role, check: checkExpected(member) }, signal);
    await removeStaging(context, member, signal);
    await untilReleased(context, member, signal);
    await offerVolume(cluster, plan, volume, member.claim);
    await untilOffered(context, volume, signal);
  }
  const toCome = claimFor(context, member, { manifest, volumeName: volume });
  const create = (): Promise<Claim> =>
    createOnce(cluster, claims, toCome, hasIt).catch((error: unknown) => {
      throw isClusterError(error, 'AlreadyExists') ? madeByOthers(member.claim) : error;
    });
  const tell = (words: string): void => {
    report({ step: 'swap', done: 0, total: plan.members.length, detail: words });
  };
  const claim = await onceQuotaAllows(create, tell, signal);
  await untilBound(context, claim, volume, signal);
}

/** An undo that was taken back may have withdrawn the volume from a claim that had not got it yet. */
async function offerAgain({ cluster, plan }: RunContext, { metadata, status }: Claim, volume: string): Promise<void> {
  if (status?.phase === 'Bound') return;
  const { spec } = await cluster.get(volumes, volume);
  if (spec?.claimRef?.uid !== metadata.uid) await offerVolume(cluster, plan, volume, metadata.name);
}

async function stagedVolumeName(context: RunContext, member: PlanMember): Promise<string> {
  const staged = stagedVolume((await watchVolumes(context)).objects, context.plan, member.claim);
  if (staged?.metadata.deletionTimestamp !== undefined) {
    throw new FailedError(
      `volume ${staged.metadata.name}, which ${member.claim} was to get, is being deleted: nothing was done to the claim`,
    );
  }
  if (staged !== undefined) return staged.metadata.name;
  throw new FailedError(`the volume that ${member.claim} was to get is gone: nothing was done to the claim`);
}

/** A claim that isn't the one of the plan isn't ours to delete. */
function checkExpected(member: PlanMember): (present: Claim) => void {
  return (present) => {
    if (present.metadata.uid !== member.now?.uid) throw madeByOthers(member.claim, present.spec?.volumeName);
  };
}

/** By a controller that wasn't stopped, or by a person. */
function madeByOthers(claim: string, volume = '(none yet)'): FailedError {
  return new FailedError(
    `claim ${claim} was made again by somebody else, with volume ${volume}; stop what makes it, and look at it before you delete it`,
  );
}

/** Until the binder has seen that the volume's claim is gone, a claimRef that we write could be taken for the old one. */
async function untilReleased(context: RunContext, member: PlanMember, signal: AbortSignal): Promise<void> {
  const watch = await watchVolumes(context);
  await watch.until(
    (objects) => stagedVolume(objects, context.plan, member.claim)?.status?.phase !== 'Bound' || undefined,
    signal,
  );
}

/**
 * The binder says Available once it has seen the new claimRef. A claim that it sees before that is "already bound to
 * a different claim" to it, and it looks again only at its resync, 15 s later (pkg/controller/volume/persistentvolume).
 */
async function untilOffered(context: RunContext, volume: string, signal: AbortSignal): Promise<void> {
  const watch = await watchVolumes(context);
  await watch.until((objects) => {
    const { spec, status } = objects.get(volume) ?? {};
    // Bound again already: to a claim that somebody else made; what follows names it.
    return (
      (spec?.claimRef?.uid === undefined && status?.phase === 'Available') || status?.phase === 'Bound' || undefined
    );
  }, signal);
}

/** Its name and namespace are the plan's, whatever a record or a volume says that it carries. */
function claimFor(
  { plan: { namespace } }: RunContext,
  { claim: name }: PlanMember,
  { manifest, volumeName }: { manifest: ClaimManifest; volumeName: string },
): Claim {
  return {
    ...manifest,
    metadata: { ...manifest.metadata, name, namespace },
    spec: { ...manifest.spec, volumeName },
  };
}

/** Both sides must name each other: the claim its volume, and the volume this claim's uid. */
async function untilBound(context: RunContext, claim: Claim, volumeName: string, signal: AbortSignal): Promise<void> {
  const { name, uid } = claim.metadata;
  const watchClaims = await context.watchOf(claims);
  await watchClaims.until((objects) => {
    const current = objects.get(name);
    return (current?.metadata.uid === uid && current?.status?.phase === 'Bound') || undefined;
  }, signal);
  await (
    await watchVolumes(context)
  ).until((objects) => objects.get(volumeName)?.spec?.claimRef?.uid === uid || undefined, signal);
}
