/** SnapshotSets as they stand in a namespace: snapshots that were taken together. */
import { compareNatural } from '../cluster/natural-order.ts';
import type { Content, Snapshot } from '../cluster/objects.ts';
import { membersAnnotation, targetAnnotation } from './marks.ts';
import type { Member } from './member.ts';
import { cutAt, memberOf, restoreSizeBytes, stateOf } from './member.ts';
import type { Membership, Taker } from './taker.ts';
import { membershipOf } from './taker.ts';

export interface SnapshotSet {
  name: string;
  namespace: string;
  takenBy: Taker;
  /** What it was taken of, as typed; of a set that others took, its claims. */
  target: string;
  /** How many members it was taken with; those that have gone since are missing from `members`. */
  expected: number;
  members: Member[];
  /** When its first snapshot was created, in milliseconds since 1970. */
  createdAtMs: number;
  /** Of a backup whose snapshots are on storage alone: what its tool says of it. Its members are not known here. */
  backup?: BackupFacts;
}

export interface BackupFacts {
  /** In the tool's words, such as Completed or PartiallyFailed. */
  phase: string;
  /** How many of the expected snapshots it says were taken. */
  ready: number;
  /** ISO 8601. */
  expiresAt?: string;
  /** Which schedule of the tool made it. */
  schedule?: string;
}

export interface Skew {
  /** Newest minus oldest cut. */
  ms: number;
  /** false when only whole seconds are known, because the contents can't be read. */
  exact: boolean;
}

/** Newest first, then by name. Snapshots of no set are left out. @param contents by name, as far as they are known */
export function groupSets(snapshots: readonly Snapshot[], contents: ReadonlyMap<string, Content>): SnapshotSet[] {
  const groups = new Map<string, { membership: Membership; snapshots: Snapshot[] }>();
  for (const snapshot of snapshots) {
    const membership = membershipOf(snapshot);
    const key = setKeyOf(snapshot);
    if (membership === undefined || key === undefined) continue;
    const group = groups.get(key) ?? { membership, snapshots: [] };
    groups.set(key, group);
    group.snapshots.push(snapshot);
  }
  return [...groups.values()].map((group) => setOf(group.membership, group.snapshots, contents)).sort(newestFirst);
}

export function newestFirst(a: SnapshotSet, b: SnapshotSet): number {
  return b.createdAtMs - a.createdAtMs || compareNames(a, b);
}

/** Tells the sets of all namespaces apart; undefined for a snapshot of no set. */
export function setKeyOf(snapshot: Snapshot): string | undefined {
  const membership = membershipOf(snapshot);
  return membership === undefined ? undefined : keyOf({ ...membership, namespace: snapshot.metadata.namespace ?? '' });
}

export function keyOf({ namespace, name }: Pick<SnapshotSet, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

/** Labels that all of its members have, with the same values. */
export function sharedLabels({ members: [first, ...others] }: SnapshotSet): Record<string, string> {
  const entries = Object.entries(first?.snapshot.metadata.labels ?? {});
  const isShared = ([key, value]: [string, string]): boolean =>
    others.every(({ snapshot }) => snapshot.metadata.labels?.[key] === value);
  return Object.fromEntries(entries.filter(isShared));
}

/** How many members can be restored now. */
export function readyCount(set: SnapshotSet): number {
  return set.backup?.ready ?? set.members.filter((member) => stateOf(member) === 'ready').length;
}

export function isComplete(set: SnapshotSet): boolean {
  if (set.backup !== undefined && (set.backup.phase !== 'Completed' || set.expected === 0)) return false;
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

function setOf(
  { name, taker }: Membership,
  snapshots: readonly Snapshot[],
  contents: ReadonlyMap<string, Content>,
): SnapshotSet {
  const [first] = snapshots;
  const members = snapshots.map((snapshot) =>
    memberOf(snapshot, contents.get(snapshot.status?.boundVolumeSnapshotContentName ?? '')),
  );
  members.sort((a, b) => compareNatural(a.claim, b.claim));
  return {
    name,
    namespace: first?.metadata.namespace ?? '',
    takenBy: taker,
    target: first?.metadata.annotations?.[targetAnnotation] ?? claimsText(members),
    expected: Math.max(members.length, ...snapshots.map(membersWanted)),
    members,
    createdAtMs: Math.min(...snapshots.map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? ''))),
  };
}

/** `pvc/data-0 +5` */
function claimsText(members: readonly Member[]): string {
  const [first] = members;
  const others = members.length - 1;
  return `pvc/${first?.claim ?? ''}${others > 0 ? ` +${others}` : ''}`;
}

function membersWanted(snapshot: Snapshot): number {
  const text = snapshot.metadata.annotations?.[membersAnnotation] ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) : 0;
}

function compareNames(a: SnapshotSet, b: SnapshotSet): number {
  return keyOf(a) < keyOf(b) ? -1 : 1;
}
