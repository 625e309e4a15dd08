/** From what the user asked for to a plan, or to every reason why it can't be done. Changes nothing. */
import { missingRights } from '../../cluster/access.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Claim } from '../../cluster/objects.ts';
import { claims } from '../../cluster/resources.ts';
import type { Finding } from '../../errors.ts';
import { RefusedError, reasonOf } from '../../errors.ts';
import { findingsOf } from './check.ts';
import { makePlan } from './make-plan.ts';
import type { Earlier } from './earlier.ts';
import { earlierOperations } from './earlier.ts';
import type { Observed } from './observe.ts';
import { observe } from './observe.ts';
import type { Plan, PlanMember } from '../plan.ts';
import { isAsNew } from '../plan.ts';
import type { RestoreRequest } from '../request.ts';
import { rightsToPlan, rightsToRun } from './rights.ts';
import { stagingClaim } from '../staging-claim.ts';

/** @throws RefusedError with all findings; ClusterError when the cluster can't be read */
export async function prepareRestore(cluster: Cluster, request: RestoreRequest): Promise<Plan> {
  const refuse = (findings: readonly Finding[]): void => {
    if (findings.length > 0)
      throw new RefusedError(`${nameOf(request)} can't be restored; nothing was changed`, findings);
  };
  refuse(await missingRights(cluster, rightsToPlan(request.namespace, request.asNew)));
  const observed = await observe(cluster, request);
  const earlier = await earlierOf(cluster, request, observed);
  refuse([...findingsOf(observed, request), ...earlier.findings]);
  const plan = makePlan(observed, request, earlier.notes);
  refuse(await missingRights(cluster, rightsToRun(plan)));
  refuse(await serverRefusals(cluster, plan));
  return plan;
}

async function earlierOf(cluster: Cluster, { asNew, namespace }: RestoreRequest, observed: Observed): Promise<Earlier> {
  if (asNew) return { findings: [], notes: [] };
  return earlierOperations(cluster, namespace, new Set(observed.members.map(({ member }) => member.claim)));
}

/** Quota, limits and admission, as the server itself judges them: a dry run of every claim to be made. */
async function serverRefusals(cluster: Cluster, plan: Plan): Promise<Finding[]> {
  const asked = plan.members.flatMap((member) => [
    { about: member.claim, what: 'its staging claim', object: stagingClaim(plan, member, member.nodes[0]) },
    ...(isAsNew(plan) ? [] : [{ about: member.claim, what: 'the claim to come', object: claimToCome(plan, member) }]),
  ]);
  const results = await Promise.allSettled(asked.map(({ object }) => cluster.create(claims, object, { dryRun: true })));
  return results.flatMap((result, index) => {
    const { about = '', what = '' } = asked[index] ?? {};
    return result.status === 'fulfilled' ? [] : [{ about, problem: `${what} is refused: ${reasonOf(result.reason)}` }];
  });
}

/** Under a free name; with its owners, whom a user may not be allowed to name (OwnerReferencesPermissionEnforcement). */
function claimToCome(plan: Plan, { manifest, staging }: PlanMember): Claim {
  return { ...manifest, metadata: { ...manifest.metadata, name: staging, namespace: plan.namespace } };
}

function nameOf({ source }: RestoreRequest): string {
  return 'set' in source ? source.set : source.snapshots.map((name) => `vs/${name}`).join(', ');
}
