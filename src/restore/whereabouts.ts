/** After a failure in the middle: what is where, read from the cluster, and what to do by hand. */
import type { Claim, Volume } from '../cluster/objects.ts';
import { claims, volumes } from '../cluster/resources.ts';
import { reasonOf } from '../errors.ts';
import { displayName } from '../workloads/kinds.ts';
import type { RunContext } from './context.ts';
import { operationMark } from './marks.ts';
import type { Plan, PlanMember } from './plan.ts';
import { stagedVolume } from './volumes.ts';

/** Lines for a person. Never throws: when the cluster can't be asked, says what the plan knows and how to ask. */
export async function whereabouts({ cluster, plan }: RunContext): Promise<string> {
  const labelSelector = `${operationMark}=${plan.operation}`;
  try {
    const [present, kept] = await Promise.all([
      cluster.list(claims, { namespace: plan.namespace }),
      cluster.list(volumes, { labelSelector }),
    ]);
    const claimOf = new Map(present.map((claim) => [claim.metadata.name, claim]));
    const volumeOf = new Map(kept.map((volume) => [volume.metadata.name, volume]));
    return text(
      plan,
      plan.members.map((member) => whereIs(member, claimOf, volumeOf)),
    );
  } catch (error) {
    return text(plan, [`The cluster can't be asked what is where now (${reasonOf(error)}).`]);
  }
}

function text(plan: Plan, members: readonly string[]): string {
  const ns = `-n ${plan.namespace}`;
  const scaled = plan.workloads.map(
    (workload) => `  kubectl scale ${displayName(workload)} ${ns} --replicas=${workload.replicas}`,
  );
  return [
    'Nothing is lost: every volume, the old ones and the restored ones, is kept (Retain).',
    ...members.map((line) => `  ${line}`),
    'See the volumes and the plan:',
    `  kubectl get pv -l ${operationMark}=${plan.operation} -L pvsnap.io/role`,
    `  kubectl get configmap pvsnap-${plan.operation} ${ns} -o yaml`,
    ...(scaled.length > 0 ? ['Once the claims are as you want them, start the workload:', ...scaled] : []),
  ].join('\n');
}

function whereIs(
  member: PlanMember,
  claimOf: ReadonlyMap<string, Claim>,
  volumeOf: ReadonlyMap<string, Volume>,
): string {
  const { claim: name, now } = member;
  const restored = stagedVolume(volumeOf, name)?.metadata.name ?? 'not there';
  const former = now === undefined ? 'it had none' : now.volume;
  const claim = claimOf.get(name);
  const bound = claim?.spec?.volumeName;
  if (claim?.metadata.deletionTimestamp !== undefined) {
    const holders = claim.metadata.finalizers?.join(', ') ?? 'nothing';
    return `${name}: is being deleted (held by ${holders}): start nothing before it is made again; former data: ${former}; restored data: ${restored}`;
  }
  if (bound === undefined)
    return `${name}: no claim of that name now; restored data: ${restored}; former data: ${former}`;
  if (bound === restored) return `${name}: swapped, has its restored data (${restored}); former data: ${former}`;
  if (bound === now?.volume) return `${name}: not swapped, has its former data (${former}); restored data: ${restored}`;
  return `${name}: is bound to ${bound}, which isn't ours; restored data: ${restored}; former data: ${former}`;
}
