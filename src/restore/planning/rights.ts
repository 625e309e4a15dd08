/** What a restore needs to be allowed. docs/rbac.md lists the same. */
import type { Right } from '../../cluster/access.ts';
import {
  claims,
  configMaps,
  deployments,
  leases,
  pods,
  replicaSets,
  snapshots,
  statefulSets,
  storageClasses,
  volumes,
} from '../../cluster/resources.ts';
import type { Resource } from '../../cluster/resources.ts';
import type { Plan } from '../plan.ts';
import { isAsNew } from '../plan.ts';

/** Rights to read what a plan is made from. */
export function rightsToPlan(namespace: string, asNew: boolean): Right[] {
  return [
    ...rights(snapshots, ['list'], namespace),
    ...rights(claims, ['list'], namespace),
    ...rights(storageClasses, ['list']),
    ...(asNew ? [] : [...rightsToFindUsers(namespace), ...rights(configMaps, ['list'], namespace)]),
  ];
}

/** Rights that running this plan takes. */
export function rightsToRun(plan: Plan): Right[] {
  const { namespace } = plan;
  const staging = [
    ...rights(claims, ['create', 'get', 'watch', 'delete'], namespace),
    ...rights(configMaps, ['create', 'get', 'patch', 'delete'], namespace),
    ...(plan.members.some((member) => member.nodes.length > 1) ? rights(claims, ['patch'], namespace) : []),
  ];
  if (isAsNew(plan)) return staging;
  const kinds = new Set(plan.workloads.map(({ kind }) => kind));
  return [
    ...staging,
    ...rights(volumes, ['list', 'watch', 'patch']),
    ...rights(leases, ['create', 'get', 'list', 'watch', 'patch', 'delete'], namespace),
    ...rights(pods, ['watch'], namespace),
    ...(kinds.has('statefulset') ? rightsToScale(statefulSets, namespace) : []),
    ...(kinds.has('deployment') ? rightsToScale(deployments, namespace) : []),
  ];
}

function rightsToFindUsers(namespace: string): Right[] {
  return [
    ...rights(volumes, ['get']),
    ...[pods, statefulSets, deployments, replicaSets].flatMap((resource) => rights(resource, ['list'], namespace)),
  ];
}

function rightsToScale(resource: Resource, namespace: string): Right[] {
  return [
    ...rights(resource, ['watch'], namespace),
    ...(['get', 'patch'] as const).map((verb) => ({ verb, resource, subresource: 'scale', namespace })),
  ];
}

function rights(resource: Resource, verbs: readonly Right['verb'][], namespace?: string): Right[] {
  return verbs.map((verb) => ({ verb, resource, ...(namespace !== undefined && { namespace }) }));
}
