/** Which set a snapshot belongs to, and who took it: us, another tool, or a person. */
import type { Snapshot } from '../cluster/objects.ts';
import { setLabel } from './marks.ts';

export type Taker = 'pvsnap' | 'velero' | 'volumegroupsnapshot' | 'snapscheduler' | 'by hand';

export interface Membership {
  /** The set's name: a plain one for ours, `velero/BACKUP` and the like for those of others. */
  name: string;
  taker: Taker;
}

/**
 * undefined for a snapshot that was taken alone. Others' sets are known by:
 * Velero: label velero.io/backup-name. VolumeGroupSnapshot: ownerReference or status (external-snapshotter).
 * snapscheduler: labels snapscheduler.backube/schedule and /when. By hand: names `snapshot-<claim>-<epoch seconds>`.
 */
export function membershipOf(snapshot: Snapshot): Membership | undefined {
  const labels = snapshot.metadata.labels ?? {};
  const ours = labels[setLabel];
  if (ours !== undefined) return { name: ours, taker: 'pvsnap' };
  const backup = labels['velero.io/backup-name'];
  // What a restore of Velero's leaves behind carries the backup's name too, and names no claim.
  const isLeft = labels['velero.io/restore-name'] !== undefined;
  if (backup !== undefined && !isLeft) return { name: `velero/${backup}`, taker: 'velero' };
  const group = groupOf(snapshot);
  if (group !== undefined) return { name: `vgs/${group}`, taker: 'volumegroupsnapshot' };
  const schedule = labels['snapscheduler.backube/schedule'];
  const when = labels['snapscheduler.backube/when'];
  if (schedule !== undefined && when !== undefined) {
    return { name: `snapscheduler/${schedule}-${when}`, taker: 'snapscheduler' };
  }
  const epoch = epochOf(snapshot);
  return epoch === undefined ? undefined : { name: `snapshot/${epoch}`, taker: 'by hand' };
}

function groupOf({ metadata, status }: Snapshot): string | undefined {
  const owner = metadata.ownerReferences?.find(({ kind }) => kind === 'VolumeGroupSnapshot');
  return owner?.name ?? status?.volumeGroupSnapshotName;
}

/** Ten digits are the seconds from 2001 to 2286; the claim's name in the middle keeps other names out. */
function epochOf({ metadata, spec }: Snapshot): string | undefined {
  const prefix = `snapshot-${spec.source.persistentVolumeClaimName ?? ''}-`;
  const epoch = metadata.name.startsWith(prefix) ? metadata.name.slice(prefix.length) : '';
  return /^\d{10}$/.test(epoch) ? epoch : undefined;
}
