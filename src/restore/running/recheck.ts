/** A second look just before the stop: staging may have taken an hour, and the workload lived on. */
import type { Cluster } from '../../cluster/cluster.ts';
import { snapshots } from '../../cluster/resources.ts';
import type { Finding } from '../../errors.ts';
import { RefusedError } from '../../errors.ts';
import { ownerName } from '../../workloads/hold.ts';
import { displayName } from '../../workloads/kinds.ts';
import type { Owner } from '../../workloads/owner.ts';
import type { StopChoices } from '../../workloads/stop-choices.ts';
import type { WorkloadInUse } from '../../workloads/users.ts';
import { findUsers } from '../../workloads/users.ts';
import { workloadOf } from '../plan-workload.ts';
import { unfinishedOf } from '../unfinished.ts';
import type { Plan, PlanWorkload } from '../plan.ts';

/**
 * The plan with the replicas of now: an autoscaler or a person may have changed them, and they are what is put back.
 * A workload that was scaled to 0 meanwhile is left at 0; but where it was us who had begun to stop it (`isStopping`),
 * those that the plan has are put back.
 * @throws RefusedError when something else uses the claims than what was agreed to be stopped
 */
export async function recheck(cluster: Cluster, plan: Plan, isStopping: boolean): Promise<Plan> {
  const users = await findUsers(cluster, plan.namespace, new Set(plan.members.map(({ claim }) => claim)), plan.choices);
  const findings = [
    ...(await unfinished(cluster, plan)),
    ...users.findings,
    ...users.workloads.flatMap((workload) => surprise(workload, plan)),
    ...(isStopping ? [] : users.owners.flatMap((owner) => newOwner(owner, plan))),
  ];
  if (findings.length > 0)
    throw new RefusedError('the claims are used by something that the plan does not stop', findings);
  if (isStopping) return plan;
  const { owners: _planned, ...rest } = plan;
  return {
    ...rest,
    workloads: plan.workloads.flatMap((planned) => present(planned, users.workloads, plan.choices)),
    ...(users.owners.length > 0 && { owners: users.owners }),
  };
}

/** A snapshot begun during staging would hold the claim when it is to be swapped. */
async function unfinished(cluster: Cluster, { namespace, members }: Plan): Promise<Finding[]> {
  const all = await cluster.list(snapshots, { namespace });
  return members.flatMap((member) =>
    unfinishedOf(member.claim, 'snapshot' in member ? member.snapshot : '', all)
      .filter((name) => !('staging' in member && member.safety?.snapshot === name))
      .map((name) => ({
        about: member.claim,
        problem: `a snapshot of it has been begun, and would block the swap: ${name}`,
        remedy: 'wait until it is ready, then run it again',
      })),
  );
}

function surprise(workload: WorkloadInUse, { workloads }: Plan): Finding[] {
  if (workloads.some(({ uid }) => uid === workload.uid)) return [];
  return [
    {
      about: displayName(workload),
      problem: 'has begun to use these claims since the plan was made',
      remedy: 'run it again, so that the plan has it',
    },
  ];
}

function newOwner(owner: Owner, { owners = [] }: Plan): Finding[] {
  if (owners.some(({ uid }) => uid === owner.uid)) return [];
  return [
    {
      about: ownerName(owner),
      problem: 'has begun to act on what uses these claims since the plan was made',
      remedy: 'run it again, so that the plan has it',
    },
  ];
}

function present(
  planned: PlanWorkload,
  workloads: readonly WorkloadInUse[],
  choices: StopChoices | undefined,
): PlanWorkload[] {
  const found = workloads.find(({ uid }) => uid === planned.uid);
  return found === undefined ? [] : [workloadOf(found, choices)];
}
