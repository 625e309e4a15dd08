/** What a restore needs to be allowed. docs/rbac.md lists the same. */
import type { Right } from '../../cluster/access.ts';
import {
  claims,
  configMaps,
  contents,
  deployments,
  leases,
  nodes,
  pods,
  replicaSets,
  snapshots,
  statefulSets,
  storageClasses,
  volumeAttachments,
  volumes,
} from '../../cluster/resources.ts';
import type { Resource } from '../../cluster/resources.ts';
import { resourceOfOwner } from '../../workloads/hold.ts';
import { isWorkloadKind, resourceOf } from '../../workloads/kinds.ts';
import type { Owner } from '../../workloads/owner.ts';
import type { Plan, PlanMember, PlanWorkload, Strategy } from '../plan.ts';
import { isAsNew, isImporting, isReplacing } from '../plan.ts';

/** Rights to read what a plan is made from. */
export function rightsToPlan(namespace: string, asNew: boolean, strategy: Strategy): Right[] {
  return [
    ...rights(snapshots, ['list'], namespace),
    ...rights(claims, ['list'], namespace),
    ...rights(storageClasses, ['list']),
    ...(asNew ? [] : [...rightsToFindUsers(namespace), ...rights(configMaps, ['list'], namespace)]),
    ...(asNew || strategy === 'replace' ? [] : rights(volumes, ['get', 'patch'])),
  ];
}

/** Rights to read operations' records. */
export function rightsToRecords(namespace: string): Right[] {
  return rights(configMaps, ['get', 'list'], namespace);
}

/** Rights to read what a resumed operation goes on from. */
export function rightsToFindResumed(namespace: string): Right[] {
  return [...rightsToRecords(namespace), ...rights(claims, ['list'], namespace), ...rightsToFindUsers(namespace)];
}

/** Rights to read what an undo is made from. */
export function rightsToFindUndone(namespace: string): Right[] {
  return [
    ...rightsToRecords(namespace),
    ...rights(claims, ['list'], namespace),
    ...rights(snapshots, ['list'], namespace),
    ...rights(volumes, ['get', 'list']),
    ...rightsToFindUsers(namespace),
  ];
}

/** Rights to take back what an operation began and has not stopped anything for. */
export function rightsToTakeBack(plan: Plan): Right[] {
  const { namespace } = plan;
  return [
    ...(isImporting(plan) ? rightsToImport(namespace) : []),
    ...rights(claims, ['list', 'get', 'delete'], namespace),
    ...rights(pods, ['list'], namespace),
    ...rights(configMaps, ['patch', 'delete'], namespace),
    ...rights(volumes, ['list', 'get', 'patch']),
    ...rights(leases, ['create', 'get', 'list', 'watch', 'patch', 'delete'], namespace),
  ];
}

/** Rights to delete what an operation keeps, once nothing uses it. */
export function rightsToCommit(namespace: string, keeps: { volumes: boolean; sets: boolean }): Right[] {
  return [
    ...rights(claims, ['list'], namespace),
    ...rights(configMaps, ['patch', 'delete'], namespace),
    ...rights(leases, ['create', 'get', 'list', 'watch', 'patch', 'delete'], namespace),
    ...[statefulSets, deployments].flatMap((resource) => rights(resource, ['get'], namespace)),
    ...(keeps.volumes ? rightsToDeleteVolumes() : []),
    ...(keeps.sets ? rights(snapshots, ['list', 'watch', 'delete'], namespace) : []),
  ];
}

function rightsToDeleteVolumes(): Right[] {
  return [
    ...rights(volumes, ['list', 'get', 'watch', 'patch']),
    ...rights(volumeAttachments, ['list', 'watch']),
    ...rights(nodes, ['list', 'watch']),
  ];
}

/** Rights that running this plan takes. */
export function rightsToRun(plan: Plan): Right[] {
  const { namespace, members } = plan;
  const making = [
    ...rights(configMaps, ['create', 'get', 'patch', 'delete'], namespace),
    ...(members.length > 0 ? rights(claims, ['create', 'get', 'watch', 'delete'], namespace) : []),
    ...(members.some(hasNodesToTry) ? rights(claims, ['patch'], namespace) : []),
    ...(isImporting(plan) || (plan.kind === 'undo' && plan.tidies !== undefined) ? rightsToImport(namespace) : []),
  ];
  if (isAsNew(plan)) return making;
  return [
    ...making,
    ...rightsToKeep(plan),
    ...rights(leases, ['create', 'get', 'list', 'watch', 'patch', 'delete'], namespace),
    ...rights(pods, ['watch'], namespace),
    ...rightsToStop(plan),
  ];
}

/** Contents are the whole cluster's. */
function rightsToImport(namespace: string): Right[] {
  return [
    ...rights(contents, ['create', 'get', 'list', 'watch', 'patch', 'delete']),
    ...rights(snapshots, ['create', 'get', 'list', 'watch', 'delete'], namespace),
  ];
}

/** What keeps the data of now: its volumes, or a set of snapshots. */
function rightsToKeep(plan: Plan): Right[] {
  const isOfSnapshots = isReplacing(plan) || (plan.kind === 'undo' && plan.discards !== undefined);
  if (isOfSnapshots) return rights(snapshots, ['get', 'list', 'watch', 'create', 'delete'], plan.namespace);
  return rights(volumes, ['list', 'watch', 'patch']);
}

function rightsToStop({ workloads, owners = [], namespace }: Plan): Right[] {
  const ways = new Map(workloads.map((workload) => [`${workload.kind} ${workload.how ?? ''}`, workload]));
  const isKeepingClaims = workloads.some(({ whenScaled }) => whenScaled !== undefined);
  return [
    ...[...ways.values()].flatMap((workload) => rightsToStopOne(workload, namespace)),
    ...(isKeepingClaims ? rights(statefulSets, ['get', 'patch'], namespace) : []),
    ...owners.flatMap(rightsToHold),
  ];
}

function rightsToStopOne({ kind, how = 'scale' }: PlanWorkload, namespace: string): Right[] {
  const watched = isWorkloadKind(kind) && kind !== 'pod' ? rights(resourceOf(kind), ['list', 'watch'], namespace) : [];
  switch (how) {
    case 'scale':
      return isWorkloadKind(kind) ? rightsToScale(resourceOf(kind), namespace) : [];
    case 'suspend':
    case 'unschedule':
      return isWorkloadKind(kind) ? [...watched, ...rights(resourceOf(kind), ['get', 'patch'], namespace)] : [];
    case 'remake':
      return rights(pods, ['get', 'delete', 'create'], namespace);
    case 'delete':
      return rights(pods, ['list', 'delete'], namespace);
    case 'wait':
      return watched;
  }
}

/** An operator's own pods are seen to be gone. */
function rightsToHold(owner: Owner): Right[] {
  const { namespace, how, proof, ready, changes } = owner;
  const resource = resourceOfOwner(owner);
  const isWatched = how === 'scale' || proof !== undefined || ready !== undefined;
  return [
    ...rights(resource, changes.length > 0 ? ['get', 'patch'] : ['get'], namespace),
    ...(isWatched ? rights(resource, ['list', 'watch'], namespace) : []),
    ...(how === 'scale' ? rights(pods, ['list', 'watch'], namespace) : []),
  ];
}

/** The right that `replace` does without. */
export function rightToKeepVolumes(): Right[] {
  return rights(volumes, ['patch']);
}

function hasNodesToTry(member: PlanMember): boolean {
  return 'nodes' in member && member.nodes.length > 0;
}

function rightsToFindUsers(namespace: string): Right[] {
  return [pods, statefulSets, deployments, replicaSets].flatMap((resource) => rights(resource, ['list'], namespace));
}

function rightsToScale(resource: Resource, namespace: string): Right[] {
  return [
    ...rights(resource, ['list', 'watch'], namespace),
    ...(['get', 'patch'] as const).map((verb) => ({ verb, resource, subresource: 'scale', namespace })),
  ];
}

function rights(resource: Resource, verbs: readonly Right['verb'][], namespace?: string): Right[] {
  return verbs.map((verb) => ({ verb, resource, ...(namespace !== undefined && { namespace }) }));
}
