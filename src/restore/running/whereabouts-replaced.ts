/** The same as whereabouts.ts for claims that are deleted and made again: their former data is in a set of snapshots. */
import type { Claim } from '../../cluster/objects.ts';
import { claims } from '../../cluster/resources.ts';
import { reasonOf } from '../../errors.ts';
import { setLabel } from '../../sets/marks.ts';
import type { RestoreMember, RestorePlan, StepName } from '../plan.ts';
import { isMadeAgain } from '../staging-claim.ts';
import type { RunContext } from './context.ts';

/** Lines for a person. Never throws. */
export async function replacedWhereabouts(
  { cluster, plan }: RunContext<RestorePlan>,
  step: StepName,
): Promise<string[]> {
  const set = plan.safetySet ?? '';
  if (step === 'stop' || step === 'secure') {
    return [`Nothing was deleted: every claim has its data. What there is of the safety set ${set} is not needed.`];
  }
  const kept = `Nothing is lost: the former data is in the safety set ${set}, the restored data in ${plan.source.name}.`;
  try {
    const present = await cluster.list(claims, { namespace: plan.namespace });
    const claimOf = new Map(present.map((claim) => [claim.metadata.name, claim]));
    return [kept, ...plan.members.map((member) => `  ${whereIs(plan, member, claimOf.get(member.claim))}`)];
  } catch (error) {
    return [
      kept,
      `  The cluster can't be asked what is where now (${reasonOf(error)}). Once it can:`,
      `  kubectl get pvc -n ${plan.namespace}; kubectl get vs -n ${plan.namespace} -l ${setLabel}=${set}`,
    ];
  }
}

function whereIs(plan: RestorePlan, member: RestoreMember, claim: Claim | undefined): string {
  const { claim: name, safety, snapshot, now } = member;
  const former = safety === undefined ? 'it had none' : `vs/${safety.snapshot}`;
  const both = `former data: ${former}; restored data: vs/${snapshot}`;
  if (claim === undefined) return `${name}: no claim of that name now; ${both}`;
  if (claim.metadata.deletionTimestamp !== undefined) {
    return `${name}: is being deleted (held by ${claim.metadata.finalizers?.join(', ') ?? 'nothing'}); ${both}`;
  }
  const isBound = claim.status?.phase === 'Bound';
  if (isMadeAgain(claim, plan, member)) return `${name}: replaced${isBound ? '' : ', not yet bound'}; ${both}`;
  if (claim.metadata.uid === now?.uid) return `${name}: not replaced, has its former data; ${both}`;
  return `${name}: was made by somebody else; ${both}`;
}
