/** What an interrupted run had stopped, and holds: its record names it, the cluster says what of it is so. */
import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../../cluster/cluster.ts';
import { resourceOfKind } from '../../cluster/discovery.ts';
import type { KubeObject } from '../../cluster/objects.ts';
import { ClusterError } from '../../errors.ts';
import { findHeld } from '../../workloads/find-held.ts';
import { heldChanges, ownerName } from '../../workloads/hold.ts';
import { displayName, isWorkloadKind, resourceOf } from '../../workloads/kinds.ts';
import type { Owner } from '../../workloads/owner.ts';
import { ownerResource } from '../../workloads/owner.ts';
import { valueAt } from '../../workloads/value-at.ts';
import { holdersOf } from '../holders.ts';
import { holderName } from '../marks.ts';
import type { Plan, PlanWorkload } from '../plan.ts';
import type { Recorded } from '../records.ts';
import { recordName } from '../records.ts';
import { isUntouched } from '../untouched.ts';

interface StoppedBefore {
  /** Those that are still there, with the replicas of before. */
  workloads: PlanWorkload[];
  owners: Owner[];
  notes: string[];
}

/** Of an operation without a record, only what it holds can be told. */
export async function stoppedUnrecorded(
  cluster: Cluster,
  namespace: string,
  operation: string,
): Promise<StoppedBefore> {
  const { owners, notes } = await findHeld(cluster, namespace, [holderName({ namespace, operation })]);
  return { workloads: [], owners, notes };
}

/** Nothing for an operation that has ended, or has not yet begun to stop anything. */
export async function stoppedBefore(cluster: Cluster, recorded: Recorded): Promise<StoppedBefore> {
  if (!mayHaveStopped(recorded)) return { workloads: [], owners: [], notes: [] };
  const { plan } = recorded;
  const bare = plan.workloads.filter(({ how }) => how === 'remake');
  const others = plan.workloads.filter((workload) => !bare.includes(workload));
  const living = await Promise.all(others.map((workload) => isLiving(cluster, plan.namespace, workload)));
  const gone = others.filter((_, index) => living[index] !== true);
  const held = await heldOwners(cluster, plan);
  return {
    workloads: others.filter((_, index) => living[index] === true),
    owners: held.filter((one) => typeof one !== 'string'),
    notes: [
      ...held.filter((one) => typeof one === 'string'),
      ...gone.map((workload) => `${displayName(workload)} had been stopped and is gone since: it is not started.`),
      ...bare.map((workload) => remakeNote(plan, workload)),
    ],
  };
}

/** What an undo is to start was stopped by what it undoes. */
function mayHaveStopped(recorded: Recorded): boolean {
  return recorded.phase !== 'completed' && (!isUntouched(recorded) || recorded.plan.undoes !== undefined);
}

/**
 * Of what is changed on an owner, only what stands on it itself is believed: whoever may write records must not be able
 * to have anything of another's changed.
 * @returns a note in place of one that is out of reach
 */
async function heldOwners(cluster: Cluster, plan: Plan): Promise<(Owner | string)[]> {
  const { owners = [] } = plan;
  return (await Promise.all(owners.map((owner) => asHeld(cluster, plan, owner)))).flat();
}

async function asHeld(cluster: Cluster, plan: Plan, owner: Owner): Promise<(Owner | string)[]> {
  const { group, version, kind } = owner.resource;
  const name = ownerName(owner);
  // Not the record's own path: the server says where the kind stands.
  const resource = await resourceOfKind(cluster, group === '' ? version : `${group}/${version}`, kind);
  if (resource === undefined)
    return [`${name} may be held still, and its kind is not served now: look at its annotation pvsnap.io/held later.`];
  const object = await cluster.find(resource, owner.name, resource.namespaced ? owner.namespace : undefined);
  const changes = object?.metadata.uid === owner.uid ? heldChanges(object, holdersOf(plan)) : undefined;
  if (object?.metadata.uid === owner.uid && changes === undefined && isStillChanged(object, owner))
    return [`${name} is as this operation leaves it, but doesn't say what it was before: put it back by hand.`];
  return changes === undefined ? [] : [{ ...owner, resource: ownerResource(resource), changes }];
}

/** Somebody may have taken the annotation away, and nothing else. */
function isStillChanged(object: KubeObject, { changes }: Owner): boolean {
  return (
    changes.length > 0 &&
    changes.every(({ path, before, during }) => {
      const now = valueAt(object, path) ?? null;
      return isDeepStrictEqual(now, during) && !isDeepStrictEqual(now, before ?? null);
    })
  );
}

/** A manifest out of a record may be anybody's: to make a pod of it is for a person. */
function remakeNote({ operation, namespace }: Plan, workload: PlanWorkload): string {
  const record = recordName(operation);
  return `${displayName(workload)} was deleted, and is not made again: its manifest is in the plan of configmap/${record} in namespace ${namespace}.`;
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
