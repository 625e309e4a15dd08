/** Reads sets and snapshots with their contents from the cluster. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Content, Snapshot } from '../cluster/objects.ts';
import { contents, snapshots } from '../cluster/resources.ts';
import { ClusterError } from '../errors.ts';
import { setLabel } from './marks.ts';
import type { SnapshotSet } from './set.ts';
import { groupSets } from './set.ts';

export interface SetScope {
  /** Absent: all namespaces. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
}

/** Beyond so many, one list of all contents is cheaper than a request for each. */
const manySnapshots = 100;

export async function readSets(cluster: Cluster, { namespace, labelSelector }: SetScope): Promise<SnapshotSet[]> {
  const selector = labelSelector === undefined ? setLabel : `${setLabel},${labelSelector}`;
  const found = await cluster.list(snapshots, { namespace, labelSelector: selector });
  return groupSets(found, await contentsOf(cluster, found));
}

/** undefined when no snapshot in the namespace carries the set's name. */
export async function readSet(cluster: Cluster, namespace: string, name: string): Promise<SnapshotSet | undefined> {
  const found = await cluster.list(snapshots, { namespace, labelSelector: `${setLabel}=${name}` });
  return groupSets(found, await contentsOf(cluster, found))[0];
}

/**
 * The contents that these snapshots are bound to, by name. Contents are cluster-wide: for a user who may not read
 * them there are none, and times are known to the second only.
 */
export async function contentsOf(cluster: Cluster, bound: readonly Snapshot[]): Promise<ReadonlyMap<string, Content>> {
  const names = bound.flatMap(({ status }) => status?.boundVolumeSnapshotContentName ?? []);
  try {
    const found =
      names.length > manySnapshots
        ? await cluster.list(contents)
        : await Promise.all(names.map((name) => cluster.find(contents, name)));
    return new Map(found.filter((content) => content !== undefined).map((content) => [content.metadata.name, content]));
  } catch (error) {
    if (error instanceof ClusterError && error.status === 403) return new Map();
    throw error;
  }
}
