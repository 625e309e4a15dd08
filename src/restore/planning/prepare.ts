/** From what the user asked for to a plan, or to every reason why it can't be done. Changes nothing. */
import { missingRights } from '../../cluster/access.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { parseQuantity } from '../../cluster/quantity.ts';
import type { Finding } from '../../errors.ts';
import { RefusedError } from '../../errors.ts';
import { joinFitting } from '../../sets/names.ts';
import type { StoredSet } from '../../sets/stored.ts';
import { findingsOf } from './check.ts';
import { makePlan } from './make-plan.ts';
import { earlierOperations } from './earlier.ts';
import type { Observed } from './observe.ts';
import { observe } from './observe.ts';
import type { RestoreMember, RestorePlan } from '../plan.ts';
import { isAsNew, isReplacing } from '../plan.ts';
import type { RestoreRequest } from '../request.ts';
import { sourceName } from '../request.ts';
import type { AddedClaim } from './quota.ts';
import { quotaFindings } from './quota.ts';
import { rightsToPlan, rightsToRun } from './rights.ts';
import { replacingClaim, stagingClaim } from '../staging-claim.ts';
import type { Asked } from './server-refusals.ts';
import { importRefusals, named, serverRefusals } from './server-refusals.ts';
import { chooseStrategy, prepareSafety } from './strategy.ts';

/** @throws RefusedError with all findings; ClusterError when the cluster can't be read */
export async function prepareRestore(cluster: Cluster, request: RestoreRequest): Promise<RestorePlan> {
  const refuse = (findings: readonly Finding[]): void => {
    if (findings.length > 0)
      throw new RefusedError(`${sourceName(request)} can't be restored; nothing was changed`, findings);
  };
  const { strategy, reason } = await chooseStrategy(cluster, request);
  if (strategy === 'replace' && 'stored' in request.source) refuse([cannotReplace(request.source.stored, reason)]);
  refuse(await missingRights(cluster, rightsToPlan(request.namespace, request.asNew, strategy)));
  const observed = await observe(cluster, request, strategy);
  refuse([...findingsOf(observed, request, strategy), ...(await earlierOf(cluster, request, observed))]);
  const { chosen, findings } =
    strategy === 'replace' ? await prepareSafety(cluster, observed, request, reason) : { chosen: {}, findings: [] };
  refuse(findings);
  const plan = makePlan(observed, request, chosen);
  refuse(await missingRights(cluster, rightsToRun(plan)));
  const short = await quotaFindings(
    cluster,
    plan.namespace,
    plan.members.map((member) => addedBy(plan, member)),
  );
  refuse([
    ...short,
    ...(await serverRefusals(cluster, claimsToTry(plan))).filter((refusal) => !isToldBy(plan, short, refusal)),
    ...(await importRefusals(cluster, plan)),
  ]);
  return plan;
}

/** What replaces a claim must be there as long as it may have to be made again: these snapshots are somebody else's. */
function cannotReplace({ name }: StoredSet, reason: string): Finding {
  return {
    about: name,
    problem: `its claims can only be swapped, and ${reason}`,
    remedy: 'ask for the role in docs/rbac.md, or make new claims of it: --as-new',
  };
}

async function earlierOf(
  cluster: Cluster,
  { asNew, namespace, undoing }: RestoreRequest,
  observed: Observed,
): Promise<Finding[]> {
  if (asNew) return [];
  const claimNames = new Set(observed.members.map(({ member }) => member.claim));
  return earlierOperations(cluster, namespace, claimNames, undoing?.operation);
}

/** A claim that is made again takes the place of the present one: only what it is larger counts. */
function addedBy(plan: RestorePlan, { manifest, sizeBytes, now }: RestoreMember): AddedClaim {
  const storageClass = manifest.spec?.storageClassName ?? '';
  if (!isReplacing(plan) || now === undefined) return { storageClass, sizeBytes, count: 1 };
  const before = parseQuantity(now.manifest.spec?.resources?.requests?.storage ?? '') ?? 0;
  return { storageClass, sizeBytes: sizeBytes - before, count: 0 };
}

/** The server names the quota that one claim alone exceeds already; of one to be replaced it can't know that it goes. */
function isToldBy(plan: RestorePlan, short: readonly Finding[], { problem }: Finding): boolean {
  const [, name] = /exceeded quota: ([^,]+),/.exec(problem) ?? [];
  return name !== undefined && (isReplacing(plan) || short.some(({ about }) => about === `quota ${name}`));
}

function claimsToTry(plan: RestorePlan): Asked[] {
  return plan.members.flatMap((member) => {
    const { claim: about, manifest, staging, nodes } = member;
    if (isReplacing(plan)) {
      const object = replacingClaim(plan, member, nodes[0]);
      return [{ about, what: 'the claim to come', object: named(plan, object, joinFitting(about, plan.operation)) }];
    }
    const staged = { about, what: 'its staging claim', object: stagingClaim(plan, member, nodes[0]) };
    const coming = { about, what: 'the claim to come', object: named(plan, manifest, staging) };
    return isAsNew(plan) ? [staged] : [staged, coming];
  });
}
