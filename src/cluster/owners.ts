/** Whether the owner that an ownerReference names still lives. */
import { ClusterError } from '../errors.ts';
import type { Cluster } from './cluster.ts';
import { resourceOfKind } from './discovery.ts';
import type { ObjectMeta } from './objects.ts';
import { pathOf } from './resources.ts';

type OwnerReference = NonNullable<ObjectMeta['ownerReferences']>[number];

/**
 * An owner lives when an object of its kind and name has its uid. One that the user may not read counts as living:
 * dropping a good reference would be a change that nobody asked for.
 */
export async function ownerExists(cluster: Cluster, owner: OwnerReference, namespace: string): Promise<boolean> {
  if (owner.name.includes('/') || /^\.{0,2}$/.test(owner.name)) return false;
  try {
    const resource = await resourceOfKind(cluster, owner.apiVersion, owner.kind);
    if (resource === undefined) return false;
    const path = pathOf(resource, resource.namespaced ? namespace : undefined, owner.name);
    const object = (await cluster.ask({ method: 'GET', path })) as { metadata: ObjectMeta };
    return object.metadata.uid === owner.uid;
  } catch (error) {
    if (error instanceof ClusterError && error.status === 404) return false;
    if (error instanceof ClusterError && error.status === 403) return true;
    throw error;
  }
}
