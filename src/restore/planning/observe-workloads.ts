/** What an operation that goes on, or back, has to stop and to start: time has passed since its plan was made. */
import type { Cluster } from '../../cluster/cluster.ts';
import { resourceOfKind } from '../../cluster/discovery.ts';
import type { Finding } from '../../errors.ts';
import { ClusterError } from '../../errors.ts';
import { heldChanges } from '../../workloads/hold.ts';
import { displayName, isWorkloadKind, resourceOf } from '../../workloads/kinds.ts';
import type { Owner } from '../../workloads/owner.ts';
import { ownerResource } from '../../workloads/owner.ts';
import type { StopChoices } from '../../workloads/stop-choices.ts';
import { findUsers } from '../../workloads/users.ts';
import { holderName } from '../marks.ts';
import type { Plan, PlanWorkload } from '../plan.ts';
import type { Recorded } from '../records.ts';
import { recordName } from '../records.ts';
import { isUntouched } from '../untouched.ts';
import { workloadOf } from '../plan-workload.ts';

export interface ObservedWorkloads {
  workloads: PlanWorkload[];
  owners: Owner[];
  findings: Finding[];
  notes: string[];
}

interface Before {
  recorded: Recorded | undefined;
  choices: StopChoices;
}

/**
 * Those that use the claims now, and those that an interrupted run had begun to stop, with the replicas of before. One that is gone has nothing to be started.
 */
export async function observeWorkloads(
  cluster: Cluster,
  namespace: string,
  claims: ReadonlySet<string>,
  { recorded, choices }: Before,
): Promise<ObservedWorkloads> {
  const users = await findUsers(cluster, namespace, claims, choices);
  const isInterrupted = recorded !== undefined && recorded.phase !== 'completed' && !isUntouched(recorded);
  const stopped = isInterrupted ? recorded.plan.workloads : [];
  // Somebody may have started one pod to have a look.
  const present = users.workloads
    .map((workload) => workloadOf(workload, choices))
    .map((now) => stopped.find(({ uid }) => uid === now.uid) ?? now);
  const others = stopped.filter(
    ({ uid, how }) => how !== 'remake' && !present.some((workload) => workload.uid === uid),
  );
  const living = await Promise.all(others.map((workload) => isLiving(cluster, namespace, workload)));
  const gone = others.filter((_, index) => living[index] !== true);
  const held = isInterrupted ? await heldOwners(cluster, recorded.plan) : [];
  const notes = [
    ...gone.map((workload) => `${displayName(workload)} had been stopped and is gone since: it is not started.`),
    ...stopped.flatMap((workload) => remakeNote(namespace, recorded, workload)),
  ];
  return {
    workloads: [...present, ...others.filter((_, index) => living[index] === true)],
    owners: [...held, ...users.owners.filter(({ uid }) => !held.some((owner) => owner.uid === uid))],
    findings: users.findings,
    notes: [...users.notes, ...notes],
  };
}

/**
 * Those that an interrupted run holds. Of what is changed on one, only what stands on it itself is believed: whoever
 * may write records must not be able to have anything of another's changed.
 */
export async function heldOwners(cluster: Cluster, plan: Plan): Promise<Owner[]> {
  const { owners = [] } = plan;
  return (await Promise.all(owners.map((owner) => asHeld(cluster, plan, owner)))).flat();
}

async function asHeld(cluster: Cluster, plan: Plan, owner: Owner): Promise<Owner[]> {
  const { group, version, kind } = owner.resource;
  // Not the record's own path: the server says where the kind stands.
  const resource = await resourceOfKind(cluster, group === '' ? version : `${group}/${version}`, kind);
  if (resource === undefined) return [];
  const object = await cluster.find(resource, owner.name, resource.namespaced ? owner.namespace : undefined);
  const changes = object?.metadata.uid === owner.uid ? heldChanges(object, holderName(plan)) : undefined;
  return changes === undefined ? [] : [{ ...owner, resource: ownerResource(resource), changes }];
}

/** A manifest out of a record may be anybody's: to make a pod of it is for a person. */
function remakeNote(namespace: string, recorded: Recorded | undefined, workload: PlanWorkload): string[] {
  if (workload.how !== 'remake' || recorded === undefined) return [];
  const record = recordName(recorded.plan.operation);
  return [
    `${displayName(workload)} was deleted, and is not made again: its manifest is in the plan of configmap/${record} in namespace ${namespace}.`,
  ];
}

/** A custom resource is judged by its owners. */
async function isLiving(cluster: Cluster, namespace: string, { kind, name, uid }: PlanWorkload): Promise<boolean> {
  if (!isWorkloadKind(kind)) return true;
  try {
    const found = await cluster.find(resourceOf(kind), name, namespace);
    return found?.metadata.uid === uid;
  } catch (error) {
    if (error instanceof ClusterError && error.status === 403) return true;
    throw error;
  }
}
