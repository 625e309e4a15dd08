/** Reads sets and snapshots with their contents from the cluster. */
import { ifAllowed } from '../cluster/access.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Content, Snapshot } from '../cluster/objects.ts';
import { contents, snapshots } from '../cluster/resources.ts';
import type { SnapshotSet } from './set.ts';
import { groupSets, setKeyOf } from './set.ts';
import { membershipOf } from './taker.ts';

export interface SetScope {
  /** Absent: all namespaces. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
}

/** Beyond so many, one list of all contents is cheaper than a request for each. */
const manySnapshots = 100;

/**
 * Sets of all takers. The selector is about the labels of snapshots: a set of which one member has them is read whole,
 * or the others would seem to be gone.
 */
export async function readSets(cluster: Cluster, scope: SetScope): Promise<SnapshotSet[]> {
  const selected = membersOnly(await cluster.list(snapshots, scope));
  const members = scope.labelSelector === undefined ? selected : await wholeSetsOf(cluster, scope, selected);
  return groupSets(members, await contentsOf(cluster, members));
}

function membersOnly(found: readonly Snapshot[]): Snapshot[] {
  return found.filter((snapshot) => membershipOf(snapshot) !== undefined);
}

async function wholeSetsOf(
  cluster: Cluster,
  { namespace }: SetScope,
  selected: readonly Snapshot[],
): Promise<Snapshot[]> {
  if (selected.length === 0) return [];
  const sets = new Set(selected.map(setKeyOf));
  return membersOnly(await cluster.list(snapshots, { namespace })).filter((member) => sets.has(setKeyOf(member)));
}

/**
 * The contents that these snapshots are bound to, by name. Contents are cluster-wide: for a user who may not read
 * them there are none, and times are known to the second only.
 */
export async function contentsOf(cluster: Cluster, bound: readonly Snapshot[]): Promise<ReadonlyMap<string, Content>> {
  const names = bound.flatMap(({ status }) => status?.boundVolumeSnapshotContentName ?? []);
  const reading =
    names.length > manySnapshots
      ? cluster.list(contents)
      : Promise.all(names.map((name) => cluster.find(contents, name)));
  const found = ((await ifAllowed(reading)) ?? []).filter((content) => content !== undefined);
  return new Map(found.map((content) => [content.metadata.name, content]));
}
