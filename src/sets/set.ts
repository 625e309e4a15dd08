/** SnapshotSets as they stand in a namespace: snapshots that were taken together. */
import type { Content, Snapshot } from '../cluster/objects.ts';
import { membersAnnotation, setLabel, targetAnnotation } from './marks.ts';
import type { Member } from './member.ts';
import { cutAt, memberOf, restoreSizeBytes, stateOf } from './member.ts';

export interface SnapshotSet {
  name: string;
  namespace: string;
  /** What it was taken of, as typed. */
  target: string;
  /** How many members it was taken with; those that have gone since are missing from `members`. */
  expected: number;
  members: Member[];
  /** When its first snapshot was created, in milliseconds since 1970. */
  createdAtMs: number;
}

export interface Skew {
  /** Newest minus oldest cut. */
  ms: number;
  /** false when only whole seconds are known, because the contents can't be read. */
  exact: boolean;
}

/** Newest first, then by name. Snapshots of no set are left out. @param contents by name, as far as they are known */
export function groupSets(snapshots: readonly Snapshot[], contents: ReadonlyMap<string, Content>): SnapshotSet[] {
  const groups = Map.groupBy(
    snapshots.filter((snapshot) => snapshot.metadata.labels?.[setLabel] !== undefined),
    (snapshot) => `${snapshot.metadata.namespace ?? ''}/${snapshot.metadata.labels?.[setLabel] ?? ''}`,
  );
  return [...groups.values()]
    .map((group) => setOf(group, contents))
    .sort((a, b) => b.createdAtMs - a.createdAtMs || compareNames(a, b));
}

/** How many members can be restored now. */
export function readyCount(set: SnapshotSet): number {
  return set.members.filter((member) => stateOf(member) === 'ready').length;
}

export function isComplete(set: SnapshotSet): boolean {
  return readyCount(set) === Math.max(set.expected, set.members.length);
}

/** The sum of what its claims will need, in bytes. */
export function sizeBytes(set: SnapshotSet): number {
  return set.members.reduce((sum, member) => sum + (restoreSizeBytes(member) ?? 0), 0);
}

/** undefined until a member has been cut. */
export function skewOf(members: readonly Member[]): Skew | undefined {
  const cuts = members.map(cutAt).filter((cut) => cut !== undefined);
  if (cuts.length === 0) return undefined;
  const times = cuts.map(({ ms }) => ms);
  return { ms: Math.max(...times) - Math.min(...times), exact: cuts.every(({ exact }) => exact) };
}

function setOf(snapshots: readonly Snapshot[], contents: ReadonlyMap<string, Content>): SnapshotSet {
  const [first] = snapshots;
  const members = snapshots.map((snapshot) =>
    memberOf(snapshot, contents.get(snapshot.status?.boundVolumeSnapshotContentName ?? '')),
  );
  members.sort((a, b) => a.claim.localeCompare(b.claim, 'en', { numeric: true }));
  return {
    name: first?.metadata.labels?.[setLabel] ?? '',
    namespace: first?.metadata.namespace ?? '',
    target: first?.metadata.annotations?.[targetAnnotation] ?? '',
    expected: Math.max(...snapshots.map(membersWanted)),
    members,
    createdAtMs: Math.min(...snapshots.map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? ''))),
  };
}

function membersWanted(snapshot: Snapshot): number {
  const text = snapshot.metadata.annotations?.[membersAnnotation] ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) : 0;
}

function compareNames(a: SnapshotSet, b: SnapshotSet): number {
  return `${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1;
}
