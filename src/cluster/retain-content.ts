/** Makes sure that a snapshot on storage outlives its object in the cluster. */
import { RefusedError } from '../errors.ts';
import type { Cluster } from './cluster.ts';
import { contents } from './resources.ts';

/**
 * @returns the version in which it is Retain: in no other may it be deleted; undefined when it is gone
 * @throws RefusedError when it is another one now, or doesn't become Retain; ClusterError, also Conflict
 */
export async function retainContent(
  cluster: Cluster,
  { name, uid }: { name: string; uid?: string | undefined },
  dryRun = false,
): Promise<string | undefined> {
  const before = await cluster.find(contents, name);
  if (before === undefined) return undefined;
  if (before.metadata.uid !== uid) throw new RefusedError(`content ${name} is another one than before`);
  if (before.spec.deletionPolicy === 'Retain') return before.metadata.resourceVersion;
  const { resourceVersion } = before.metadata;
  const patch = { metadata: { resourceVersion }, spec: { deletionPolicy: 'Retain' } };
  await cluster.patch(contents, { name }, patch, { dryRun });
  if (dryRun) return resourceVersion;
  const after = await cluster.find(contents, name);
  if (after === undefined) return undefined;
  if (after.metadata.uid !== uid || after.spec.deletionPolicy !== 'Retain') {
    throw new RefusedError(`content ${name} doesn't become Retain: with it the snapshot on storage would go`);
  }
  return after.metadata.resourceVersion;
}
