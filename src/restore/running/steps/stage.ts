/** Provisions a claim from every snapshot while the workload runs. Nothing that exists is touched. */
import { createOnce } from '../../../cluster/create-once.ts';
import type { Claim } from '../../../cluster/objects.ts';
import { claims } from '../../../cluster/resources.ts';
import type { RunContext } from '../context.ts';
import { watchVolumes } from '../context.ts';
import { provision } from '../provisioning.ts';
import { operationMark } from '../../marks.ts';
import type { RestoreMember, RestorePlan } from '../../plan.ts';
import { isAsNew } from '../../plan.ts';
import { stagingClaim } from '../../staging-claim.ts';
import { stagedVolume } from '../../volumes.ts';

/** @throws FailedError when a staging claim is lost or no node is left to try; the signal's reason at the deadline */
export async function stage(context: RunContext<RestorePlan>, signal: AbortSignal): Promise<void> {
  const { cluster, plan } = context;
  const isOurs = ({ metadata }: Claim): boolean => metadata.labels?.[operationMark] === plan.operation;
  const make = (member: RestoreMember): Promise<Claim> =>
    createOnce(cluster, claims, stagingClaim(plan, member, member.nodes[0]), isOurs, signal);
  await provision(context, await membersToStage(context), { step: 'stage', make, signal });
}

/** A member whose volume is kept already needs no staging claim any more. */
export async function membersToStage(context: RunContext<RestorePlan>): Promise<RestoreMember[]> {
  if (isAsNew(context.plan)) return context.plan.members;
  const { objects } = await watchVolumes(context);
  return context.plan.members.filter(({ claim }) => stagedVolume(objects, context.plan, claim) === undefined);
}
