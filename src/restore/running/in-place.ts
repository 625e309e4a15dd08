/** Whether the claims are the ones that the swap has left: time may have passed since. */
import type { Claim, Volume } from '../../cluster/objects.ts';
import { claims } from '../../cluster/resources.ts';
import { FailedError } from '../../errors.ts';
import { operationMark } from '../marks.ts';
import type { PlanMember } from '../plan.ts';
import { isReplacing, isUnchanged, manifestToCome } from '../plan.ts';
import { stagedVolume } from '../volumes.ts';
import type { RunContext } from './context.ts';
import { watchVolumes } from './context.ts';

/** @throws FailedError when somebody has put another claim in the place of one */
export async function checkInPlace(context: RunContext): Promise<void> {
  const { cluster, plan } = context;
  if (plan.members.length === 0) return;
  const present = await cluster.list(claims, { namespace: plan.namespace });
  // Who replaces claims may not read volumes.
  const objects = isReplacing(plan) ? new Map<string, Volume>() : (await watchVolumes(context)).objects;
  for (const member of plan.members) {
    if (manifestToCome(member) === undefined) continue;
    const volume = stagedVolume(objects, plan, member.claim)?.metadata.name;
    const claim = present.find(({ metadata }) => metadata.name === member.claim);
    if (!isTheOne(plan.operation, member, claim, volume)) {
      const where = volume === undefined ? '' : `; the data meant for it is in volume ${volume}, which is kept`;
      throw new FailedError(`claim ${member.claim} is not the one that was swapped in any more${where}`);
    }
  }
}

function isTheOne(
  operation: string,
  member: PlanMember,
  claim: Claim | undefined,
  volume: string | undefined,
): boolean {
  if (claim?.status?.phase !== 'Bound' || claim.metadata.deletionTimestamp !== undefined) return false;
  const bound = claim.spec?.volumeName;
  if (isUnchanged(member)) return bound === member.now?.volume;
  return claim.metadata.annotations?.[operationMark] === operation && (volume === undefined || bound === volume);
}
