/** Deletes the objects that an operation has made of snapshots on storage. The snapshots on storage stay. */
import type { Cluster } from '../../cluster/cluster.ts';
import { onFreshObject } from '../../cluster/conflict.ts';
import { deleteExactly } from '../../cluster/delete-exactly.ts';
import type { Content, Snapshot } from '../../cluster/objects.ts';
import { contents, snapshots } from '../../cluster/resources.ts';
import { retainContent } from '../../cluster/retain-content.ts';
import { together } from '../../cluster/together.ts';
import { openWatch } from '../../cluster/watch.ts';
import { isClusterError } from '../../errors.ts';
import { isImported } from '../imported.ts';
import { operationMark } from '../marks.ts';

interface Operation {
  operation: string;
  namespace: string;
}

/**
 * @throws RefusedError when a content doesn't become Retain: then nothing is deleted; the signal's reason when the
 * controller has not let them go before
 */
export async function tidy(cluster: Cluster, operation: Operation, signal: AbortSignal): Promise<void> {
  const labelSelector = `${operationMark}=${operation.operation}`;
  const found = (await cluster.list(contents, { labelSelector })).filter((content) => isImported(operation, content));
  await together(found.map((content) => keep(cluster, content)));
  // Whoever may write snapshots may label theirs: only those that are bound to one of these contents are ours.
  const ours = new Set(found.map(({ metadata }) => metadata.name));
  const watch = await openWatch(cluster, snapshots, { namespace: operation.namespace, labelSelector });
  try {
    const made = [...watch.objects.values()].filter(({ spec }) =>
      ours.has(spec.source.volumeSnapshotContentName ?? ''),
    );
    await together(made.map(({ metadata }) => deleteExactly(cluster, snapshots, metadata)));
    const isThere = (objects: ReadonlyMap<string, Snapshot>): boolean =>
      made.some(({ metadata: { name, uid } }) => objects.get(name)?.metadata.uid === uid);
    await watch.until((objects) => !isThere(objects) || undefined, signal);
  } finally {
    watch.close();
  }
  await together(found.map((content) => remove(cluster, content)));
}

/** With its snapshot the controller deletes a content that is Delete, and then what is on storage. */
function keep(cluster: Cluster, { metadata }: Content): Promise<unknown> {
  return onFreshObject(() => retainContent(cluster, metadata));
}

/** Somebody may have changed it since: it goes only in the version in which it was seen to be Retain. */
function remove(cluster: Cluster, { metadata }: Content): Promise<void> {
  return onFreshObject(async () => {
    const resourceVersion = await retainContent(cluster, metadata);
    if (resourceVersion === undefined) return;
    try {
      await cluster.delete(contents, metadata, { uid: metadata.uid, resourceVersion });
    } catch (error) {
      if (!isClusterError(error, 'NotFound')) throw error;
    }
  });
}
