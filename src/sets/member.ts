/** One snapshot of a set, and how far it is. */
import type { Content, Snapshot } from '../cluster/objects.ts';
import { parseQuantity } from '../cluster/quantity.ts';

export interface Member {
  /** Empty for a snapshot made from a content that somebody provisioned beforehand. */
  claim: string;
  snapshot: Snapshot;
  /** Absent when there is none yet, or the user may not read contents. */
  content: Content | undefined;
}

/**
 * creating: the driver hasn't cut it yet; cutting: cut, but not usable yet; retrying: the driver's last try failed
 * and it will be tried again; deleting: on its way out.
 */
export type MemberState = 'creating' | 'cutting' | 'ready' | 'retrying' | 'deleting';

export function memberOf(snapshot: Snapshot, content: Content | undefined): Member {
  return { claim: snapshot.spec.source.persistentVolumeClaimName ?? '', snapshot, content };
}

export function stateOf({ snapshot, content }: Member): MemberState {
  if (snapshot.metadata.deletionTimestamp !== undefined) return 'deleting';
  if (isReady(snapshot) && (content === undefined || pointsBack(content, snapshot))) return 'ready';
  if (snapshot.status?.error !== undefined) return 'retrying';
  return snapshot.status?.creationTime === undefined ? 'creating' : 'cutting';
}

/** As utils.IsSnapshotReady of external-snapshotter, and bound: usable as the source of a claim. */
export function isReady({ status }: Snapshot): boolean {
  return status?.readyToUse === true && (status.boundVolumeSnapshotContentName ?? '') !== '';
}

/** A content that names another snapshot's uid is not this snapshot's: it was deleted and made again, or hijacked. */
export function pointsBack(content: Content, snapshot: Snapshot): boolean {
  return content.spec.volumeSnapshotRef.uid === snapshot.metadata.uid;
}

/** What the driver said last, in its own words; undefined when it has no complaint. Untrusted text. */
export function problemOf({ snapshot, content }: Member): string | undefined {
  return snapshot.status?.error?.message ?? content?.status?.error?.message;
}

/** The size that a claim made from it must have at least, in bytes. */
export function restoreSizeBytes({ snapshot, content }: Member): number | undefined {
  const size = snapshot.status?.restoreSize;
  return (size === undefined ? undefined : parseQuantity(size)) ?? content?.status?.restoreSize;
}

/** When the driver cut it, in milliseconds since 1970; a snapshot alone knows whole seconds. */
export function cutAt({ snapshot, content }: Member): { ms: number; exact: boolean } | undefined {
  const nanoseconds = content?.status?.creationTime;
  if (nanoseconds !== undefined) return { ms: nanoseconds / 1e6, exact: true };
  const time = snapshot.status?.creationTime;
  return time === undefined ? undefined : { ms: Date.parse(time), exact: false };
}
