/** From what the user asked for to a plan, or to every reason why it can't be done. Changes nothing. */
import { missingRights } from '../cluster/access.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { claims } from '../cluster/resources.ts';
import type { Finding } from '../errors.ts';
import { RefusedError, reasonOf } from '../errors.ts';
import { findingsOf } from './check.ts';
import { makePlan } from './make-plan.ts';
import type { Earlier } from './earlier.ts';
import { earlierOperations } from './earlier.ts';
import type { Observed } from './observe.ts';
import { observe } from './observe.ts';
import type { Plan } from './plan.ts';
import type { RestoreRequest } from './request.ts';
import { rightsToPlan, rightsToRun } from './rights.ts';
import { stagingClaim } from './steps/stage.ts';

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

/** Quota, limits and admission, as the server itself judges them: a dry run of every claim to be staged. */
async function serverRefusals(cluster: Cluster, plan: Plan): Promise<Finding[]> {
  const results = await Promise.allSettled(
    plan.members.map((member) => cluster.create(claims, stagingClaim(plan, member, member.nodes[0]), { dryRun: true })),
  );
  return results.flatMap((result, index) =>
    result.status === 'fulfilled'
      ? []
      : [
          {
            about: plan.members[index]?.claim ?? '',
            problem: `its staging claim is refused: ${reasonOf(result.reason)}`,
          },
        ],
  );
}

function nameOf({ source }: RestoreRequest): string {
  return 'set' in source ? source.set : source.snapshots.map((name) => `vs/${name}`).join(', ');
}
