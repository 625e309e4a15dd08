/** Keeps every volume concerned, the present one and the one to come, whatever becomes of its claim. */
import type { Claim, Volume } from '../../../cluster/objects.ts';
import { claims } from '../../../cluster/resources.ts';
import { together } from '../../../cluster/together.ts';
import { FailedError } from '../../../errors.ts';
import type { RunContext } from '../context.ts';
import { watchVolumes } from '../context.ts';
import type { Plan, PlanMember, RestoreMember, RestorePlan, UndoMember, UndoPlan } from '../../plan.ts';
import { keepsVolume, manifestToCome, parkedBy } from '../../plan.ts';
import { markUndone } from '../../records.ts';
import { keepVolume, stagedVolume, takeOverVolume } from '../../volumes.ts';

/** @throws FailedError when a volume is no longer the one that the plan was made for */
export async function retain(context: RunContext, signal: AbortSignal): Promise<void> {
  const { plan } = context;
  const watch = await watchVolumes(context);
  if (plan.kind === 'undo') await takeOver({ ...context, plan });
  else await together(plan.members.map((member) => keepStaged({ ...context, plan }, member)));
  await together(plan.members.map((member) => keepPresent(context, member)));
  // The swap finds the volumes by what stands on them, as another run after a crash would.
  await watch.until((objects) => plan.members.every((member) => isKept(plan, objects, member)) || undefined, signal);
}

async function keepStaged(context: RunContext<RestorePlan>, member: RestoreMember): Promise<void> {
  const { cluster, plan } = context;
  const { objects } = await watchVolumes(context);
  if (stagedVolume(objects, plan, member.claim) !== undefined) return;
  const staging = await cluster.get(claims, member.staging, plan.namespace);
  const source = `${plan.namespace}/${plan.source.name}`;
  // It takes the place of the present one, also when an undo of an undo brings it back.
  const reclaimPolicy = member.now?.reclaimPolicy;
  const { manifest } = member;
  await keepVolume(cluster, plan, { ...boundVolume(staging), role: 'staged', manifest, source, reclaimPolicy });
}

function boundVolume(staging: Claim): { volume: string; claimUid: string } {
  const volume = staging.spec?.volumeName ?? '';
  if (volume !== '' && staging.status?.phase === 'Bound') return { volume, claimUid: staging.metadata.uid ?? '' };
  throw new FailedError(`staging claim ${staging.metadata.name} is no longer bound to a volume`);
}

/** The volumes that the undone operation keeps become this one's. Whoever finds its record is told so first. */
async function takeOver({ cluster, plan }: RunContext<UndoPlan>): Promise<void> {
  const { undoes: from, operation: to, namespace } = plan;
  await markUndone(cluster, namespace, from, to);
  const moves = plan.members.flatMap(({ claim, coming, asides }: UndoMember) => [
    ...(coming === undefined ? [] : [{ claim, volume: coming.volume, role: 'staged' as const }]),
    ...asides.map(({ volume }) => ({ claim, volume, role: 'parked' as const })),
  ]);
  await together(moves.map((move) => takeOverVolume(cluster, { ...move, namespace, from, to })));
}

async function keepPresent({ cluster, plan }: RunContext, member: PlanMember): Promise<void> {
  if (member.now === undefined || keepsVolume(member)) return;
  const { volume, uid: claimUid, manifest } = member.now;
  await keepVolume(cluster, plan, { volume, claimUid, role: 'parked', manifest });
}

function isKept(plan: Plan, objects: ReadonlyMap<string, Volume>, member: PlanMember): boolean {
  const isStaged = manifestToCome(member) === undefined || stagedVolume(objects, plan, member.claim) !== undefined;
  return isStaged && parkedBy(member).every(({ volume }) => objects.has(volume));
}
