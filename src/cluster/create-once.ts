/** Creates an object exactly once, also when the answer to the request is lost on the way. */
import { isClusterError } from '../errors.ts';
import type { Cluster } from './cluster.ts';
import type { KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';
import { untilCertain } from './uncertain.ts';

/**
 * Sends the create; when no answer comes, sends it again, and takes an object of that name that is ours for the
 * one that an earlier try made.
 * @param isOurs tells our object from somebody else's of the same name
 * @throws ClusterError AlreadyExists when the object there isn't ours
 */
export function createOnce<T extends KubeObject>(
  cluster: Cluster,
  resource: Resource<T>,
  object: T,
  isOurs: (existing: T) => boolean,
  signal?: AbortSignal,
): Promise<T> {
  const { name, namespace } = object.metadata;
  return untilCertain(async () => {
    try {
      return await cluster.create(resource, object);
    } catch (error) {
      if (!isClusterError(error, 'AlreadyExists')) throw error;
      const existing = await cluster.find(resource, name, namespace);
      if (existing !== undefined && isOurs(existing)) return existing;
      throw error;
    }
  }, signal);
}
