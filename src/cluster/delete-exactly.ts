/** Deletes one object, and no later one of its name. */
import { isClusterError } from '../errors.ts';
import type { Cluster } from './cluster.ts';
import { onFreshObject } from './conflict.ts';
import type { KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';

/**
 * Does nothing where it is gone, or another has its name. A server may also say Conflict for no reason that stays (etcd
 * changed its leader): so long as it is there, it is asked again.
 */
export function deleteExactly(
  cluster: Cluster,
  resource: Resource,
  { name, namespace, uid }: Pick<KubeObject['metadata'], 'name' | 'namespace' | 'uid'>,
): Promise<void> {
  return onFreshObject(async () => {
    try {
      await cluster.delete(resource, { name, namespace }, { uid });
    } catch (error) {
      if (isClusterError(error, 'NotFound')) return;
      if (!isClusterError(error, 'Conflict')) throw error;
      const present = await cluster.find(resource, name, namespace);
      if (present?.metadata.uid === uid) throw error;
    }
  });
}
