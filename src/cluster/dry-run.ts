import type { Cluster } from './cluster.ts';
import type { KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';

/** What the server would make of these objects, without storing them. */
export function createAll<T extends KubeObject>(
  cluster: Cluster,
  resource: Resource<T>,
  objects: readonly T[],
): Promise<T[]> {
  return Promise.all(objects.map((object) => cluster.create(resource, object, { dryRun: true })));
}
