/** Reads sets and snapshots with their contents from the cluster. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Content, Snapshot } from '../cluster/objects.ts';
import { contents, snapshots } from '../cluster/resources.ts';
import { ClusterError } from '../errors.ts';
import type { SnapshotSet } from './set.ts';
import { groupSets } from './set.ts';
import { membershipOf } from './taker.ts';

export interface SetScope {
  /** Absent: all namespaces. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
}

/** Beyond so many, one list of all contents is cheaper than a request for each. */
const manySnapshots = 100;

/** Sets of all takers. The selector is about the labels of snapshots. */
export async function readSets(cluster: Cluster, scope: SetScope): Promise<SnapshotSet[]> {
  const found = await cluster.list(snapshots, scope);
  const members = found.filter((snapshot) => membershipOf(snapshot) !== undefined);
  return groupSets(members, await contentsOf(cluster, members));
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
