/** Creates an object exactly once, also when the answer to the request is lost on the way. */
import { setTimeout as pause } from 'node:timers/promises';
import { isClusterError } from '../errors.ts';
import type { Cluster } from './cluster.ts';
import type { KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';
import { isUncertain } from './uncertain.ts';

const tries = 5;

/**
 * Sends the create; when no answer comes, sends it again, and takes an object of that name that is ours for the
 * one that an earlier try made.
 * @param isOurs tells our object from somebody else's of the same name
 * @throws ClusterError AlreadyExists when the object there isn't ours
 */
export async function createOnce<T extends KubeObject>(
  cluster: Cluster,
  resource: Resource<T>,
  object: T,
  isOurs: (existing: T) => boolean,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await cluster.create(resource, object);
    } catch (error) {
      if (isClusterError(error, 'AlreadyExists')) {
        const existing = await cluster.find(resource, object.metadata.name, object.metadata.namespace);
        if (existing !== undefined && isOurs(existing)) return existing;
      }
      if (!isUncertain(error) || attempt === tries) throw error;
    }
    await pause(100 * 2 ** attempt, undefined, signal === undefined ? {} : { signal });
  }
}
