/**
 * Who would start a stopped workload again, and what is changed on it so that it doesn't: plain data, part of the plan
 * and of its record, so that it is put back after a crash too.
 */
import type { Resource } from '../cluster/resources.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** One field of an object that is set aside as long as claims are exchanged. */
export interface FieldChange {
  /** Keys from the object's root, such as `spec`, `paused`. */
  path: string[];
  /** Absent: there was no such field. */
  before?: Json;
  /** null: the field is taken away. */
  during: Json;
}

/** What makes it start pods: in this order they are stopped. */
export const ownerRoles = ['gitops', 'autoscaler', 'schedule', 'resource', 'operator'] as const;
type OwnerRole = (typeof ownerRoles)[number];

/** One of status.conditions, as it must become. */
export interface OwnerCondition {
  type: string;
  status: 'True' | 'False';
  /** Where the status alone may have been so before, for another reason. Absent: any. */
  reason?: string;
}

export interface Owner {
  /** gitops: Argo CD or Flux. autoscaler: KEDA. schedule: a CronJob. resource: a custom resource. operator: its Deployment. */
  role: OwnerRole;
  resource: Pick<Resource, 'group' | 'version' | 'plural' | 'kind' | 'namespaced'>;
  /** Absent for a resource without one. */
  namespace?: string;
  name: string;
  uid: string;
  changes: FieldChange[];
  /**
   * pause: it leaves alone what it owns, and its workloads are stopped besides. shutdown: it ends and starts its pods
   * itself. scale: its own pods must be gone.
   */
  how: 'pause' | 'shutdown' | 'scale';
  /** Says that it is stopped; absent where nothing says so. */
  proof?: OwnerCondition;
  /** Says that it is well again after the start. */
  ready?: OwnerCondition;
  /** Objects besides, of which it takes no care meanwhile, such as `prometheus/other in namespace b`. */
  serves?: string[];
}

/** The part of a resource that a plan keeps. */
export function ownerResource({ group, version, plural, kind, namespaced }: Resource): Owner['resource'] {
  return { group, version, plural, kind, namespaced };
}
