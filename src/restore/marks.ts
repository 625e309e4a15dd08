/** What stands on volumes and claims, so that an operation can be understood without its record: docs/objects.md. */

/** Label on volumes, staging claims and records; annotation on restored claims: the operation's name. */
export const operationMark = 'pvsnap.io/operation';
/** Label on volumes: `staged` or `parked`. */
export const roleLabel = 'pvsnap.io/role';
/** Annotation on volumes: the reclaim policy that it had before the operation. */
export const reclaimPolicyAnnotation = 'pvsnap.io/reclaim-policy';
/** Annotation on volumes: the set, or the snapshot, that the data came from. */
export const sourceAnnotation = 'pvsnap.io/set';
/** Annotation on claims: the snapshot. */
export const restoredFromAnnotation = 'pvsnap.io/restored-from';

/** As which an operation holds an owner: one operator may be held by operations of several namespaces. */
export function holderName({ namespace, operation }: { namespace: string; operation: string }): string {
  return `${namespace}/${operation}`;
}
