/** From an operation's name to what is left of it to do, or to every reason why it can't go on. Changes nothing. */
import { missingRights } from '../../cluster/access.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Claim } from '../../cluster/objects.ts';
import { claims } from '../../cluster/resources.ts';
import type { Finding } from '../../errors.ts';
import { RefusedError } from '../../errors.ts';
import type { StopChoices } from '../../workloads/stop-choices.ts';
import { operationMark } from '../marks.ts';
import type { Plan, PlanMember } from '../plan.ts';
import { isAsNew } from '../plan.ts';
import type { Recorded } from '../records.ts';
import { findRecord } from '../records.ts';
import { undoneFindings } from '../undone.ts';
import { withNodesOfNow } from './nodes-of-now.ts';
import { observeWorkloads } from './observe-workloads.ts';
import { claimsToCome, serverRefusals } from './server-refusals.ts';
import { rightsToFindResumed, rightsToRun } from './rights.ts';

/** @throws RefusedError with all findings. One that has completed is returned like any other */
export async function prepareResume(
  cluster: Cluster,
  namespace: string,
  operation: string,
  choices?: StopChoices,
): Promise<Recorded> {
  const refuse = (findings: readonly Finding[]): void => {
    if (findings.length > 0) throw new RefusedError(`${operation} can't go on; nothing was changed`, findings);
  };
  refuse(await missingRights(cluster, rightsToFindResumed(namespace)));
  const recorded = await findRecord(cluster, namespace, operation);
  if (recorded === undefined) throw noRecord(namespace, operation);
  refuse(await undoneFindings(cluster, recorded));
  if (recorded.phase === 'completed') return recorded;
  const { findings, ...observed } = await asOfNow(cluster, recorded, choices);
  // Once the claims are swapped, nobody is in the way any more.
  const isSwapped = ['start', 'settle', 'tidy'].includes(recorded.step);
  const plan = isSwapped ? observed.plan : await withNodesOfNow(cluster, observed.plan);
  const resumed = { ...observed, plan };
  if (!isSwapped) refuse(findings);
  refuse(await missingRights(cluster, rightsToRun(resumed.plan)));
  if (!isSwapped && !isAsNew(resumed.plan)) refuse(await serverRefusals(cluster, claimsToCome(resumed.plan)));
  return resumed;
}

/** With what has to be stopped and started today. */
async function asOfNow(
  cluster: Cluster,
  recorded: Recorded,
  said: StopChoices | undefined,
): Promise<Recorded & { findings: Finding[] }> {
  const { plan } = recorded;
  if (isAsNew(plan)) return { ...recorded, findings: [] };
  const names = new Set(plan.members.map(({ claim }) => claim));
  const observed = await observeWorkloads(cluster, plan.namespace, names, {
    operation: plan.operation,
    recorded,
    said,
  });
  const { workloads, owners, choices, findings, notes } = observed;
  const present = await cluster.list(claims, { namespace: plan.namespace });
  return {
    ...recorded,
    plan: { ...plan, choices, workloads, owners, notes: [...plan.notes, ...notes] },
    findings: [...findings, ...plan.members.flatMap((member) => replacedClaim(plan, member, present))],
  };
}

/** Found before anything is stopped; the swap would refuse it later. */
function replacedClaim(
  { operation, namespace }: Plan,
  { claim, now }: PlanMember,
  present: readonly Claim[],
): Finding[] {
  const found = present.find(({ metadata }) => metadata.name === claim);
  const isExpected = found === undefined || found.metadata.uid === now?.uid;
  if (isExpected || found.metadata.annotations?.[operationMark] === operation) return [];
  return [
    {
      about: claim,
      problem: `was made again by somebody else, with volume ${found.spec?.volumeName ?? '(none yet)'}`,
      remedy: `look at it, and delete it if it holds nothing; or go back: kubectl pvsnap undo ${operation} -n ${namespace}`,
    },
  ];
}

function noRecord(namespace: string, operation: string): RefusedError {
  return new RefusedError(`there is no record of ${operation} in namespace ${namespace}; nothing was changed`, [
    {
      about: operation,
      problem: 'it ended and was removed, is in another namespace, or its record was deleted or is not understood here',
      remedy: `see: kubectl pvsnap get operations -A; to go back to what is parked: kubectl pvsnap undo ${operation}`,
    },
  ]);
}
