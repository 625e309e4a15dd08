/** Velero's backups as sets: who took them, of which namespaces, and how much of them is there. */
import type { Cluster } from '../cluster/cluster.ts';
import { RefusedError } from '../errors.ts';
import type { SnapshotSet } from '../sets/set.ts';
import { listForVelero } from './find.ts';
import { isPattern, matchesAny } from './namespace-patterns.ts';
import type { Backup } from './resources.ts';
import { backups, scheduleLabel, setNameOf } from './resources.ts';

interface BackupScope {
  /** Where Velero is; absent: all namespaces, or where it usually is for a user who may not look there. */
  veleroNamespace?: string | undefined;
  labelSelector?: string | undefined;
  /** Such as metadata.name=nightly. */
  fieldSelector?: string | undefined;
}

/** All backups that the user may see; none where Velero isn't installed. */
export function readBackups(cluster: Cluster, { veleroNamespace, ...selectors }: BackupScope): Promise<Backup[]> {
  return listForVelero(cluster, backups, veleroNamespace, selectors);
}

/** Of all Veleros that the user may see. */
export function backupsNamed(cluster: Cluster, name: string, veleroNamespace?: string): Promise<Backup[]> {
  return readBackups(cluster, { veleroNamespace, fieldSelector: `metadata.name=${name}` });
}

/** @throws RefusedError when there is no such backup, or there are several */
export async function findBackup(cluster: Cluster, name: string, veleroNamespace?: string): Promise<Backup> {
  return onlyBackup(await backupsNamed(cluster, name, veleroNamespace), name, veleroNamespace);
}

/** @throws RefusedError unless there is one, and no other */
export function onlyBackup(found: readonly Backup[], name: string, veleroNamespace?: string): Backup {
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  if (first === undefined) {
    throw new RefusedError(
      `there is no backup "${name}" of Velero${veleroNamespace === undefined ? '' : ` in namespace ${veleroNamespace}`}; ` +
        'see: kubectl pvsnap get sets -A',
    );
  }
  const namespaces = found.map(({ metadata }) => metadata.namespace).join(', ');
  throw new RefusedError(`several Veleros have a backup "${name}" (${namespaces}): name one with --velero-namespace`);
}

/**
 * Whether its snapshots are on storage alone: Velero from 1.9 on, which counts them, takes their objects away before it
 * says that it has ended. What carries its label then is somebody else's, or what is left of them, and not the backup.
 */
export function isStored({ status: { phase = '', csiVolumeSnapshotsAttempted = 0 } = {} }: Backup): boolean {
  return ['Completed', 'PartiallyFailed'].includes(phase) && csiVolumeSnapshotsAttempted > 0;
}

/** Whether it may hold claims of the namespace: by what it was asked for. */
export function covers({ spec = {} }: Pick<Backup, 'spec'>, namespace: string): boolean {
  const { includedNamespaces = [], excludedNamespaces = [] } = spec;
  const isIncluded = includedNamespaces.length === 0 || matchesAny(includedNamespaces, namespace);
  return isIncluded && !matchesAny(excludedNamespaces, namespace);
}

/** Where to look for the claims of a backup of these; undefined: in all, where no list names the namespaces one by one. */
export function claimNamespacesOf(included: readonly string[]): readonly string[] | undefined {
  return included.length === 0 || included.some(isPattern) ? undefined : included;
}

/** As a row among the sets. What its members are is in the store alone: `describe` reads that. */
export function setOf(backup: Backup, namespace: string): SnapshotSet {
  const { metadata, spec, status = {} } = backup;
  const { csiVolumeSnapshotsAttempted = 0, csiVolumeSnapshotsCompleted = 0 } = status;
  const included = spec?.includedNamespaces ?? [];
  const schedule = metadata.labels?.[scheduleLabel];
  return {
    name: setNameOf(backup),
    namespace,
    takenBy: 'velero',
    target: `namespace/${included.length === 0 ? '*' : included.join(',')}`,
    expected: csiVolumeSnapshotsAttempted,
    members: [],
    createdAtMs: Date.parse(status.startTimestamp ?? metadata.creationTimestamp ?? ''),
    backup: {
      phase: status.phase ?? 'New',
      ready: csiVolumeSnapshotsCompleted,
      ...(status.expiration !== undefined && { expiresAt: status.expiration }),
      ...(schedule !== undefined && { schedule }),
    },
  };
}
