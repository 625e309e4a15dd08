/** Velero's objects, velero.io/v1: of their fields those that are read here. From pkg/apis/velero/v1 of Velero. */
import type { KubeObject } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';

export interface Backup extends KubeObject {
  spec?: BackupSpec;
  status?: {
    /** New, Queued, ReadyToStart, InProgress, WaitingForPluginOperations(PartiallyFailed), Finalizing(PartiallyFailed), */
    /** Completed, PartiallyFailed, Failed, FailedValidation, Deleting. Absent: no server has seen it. */
    phase?: string;
    startTimestamp?: string;
    completionTimestamp?: string;
    expiration?: string;
    /** Absent where no snapshot of a CSI driver was tried. */
    csiVolumeSnapshotsAttempted?: number;
    csiVolumeSnapshotsCompleted?: number;
    /** By plugins of clouds, without CSI. */
    volumeSnapshotsAttempted?: number;
    errors?: number;
    warnings?: number;
    failureReason?: string;
    validationErrors?: string[];
  };
}

/** Also of a Schedule, as its template. */
export interface BackupSpec {
  /** Of a Schedule's template. */
  metadata?: { labels?: Record<string, string> };
  includedNamespaces?: string[];
  excludedNamespaces?: string[];
  includedResources?: string[];
  labelSelector?: object;
  orLabelSelectors?: object[];
  storageLocation?: string;
  ttl?: string;
  snapshotVolumes?: boolean;
  snapshotMoveData?: boolean;
  defaultVolumesToFsBackup?: boolean;
  hooks?: object;
}

export interface Schedule extends KubeObject {
  spec: { schedule: string; template: BackupSpec; paused?: boolean };
  status?: {
    /** New, Enabled, FailedValidation. */
    phase?: string;
    lastBackup?: string;
    /** When it was told to leave out the run that was due. */
    lastSkipped?: string;
    validationErrors?: string[];
  };
}

export interface StorageLocation extends KubeObject {
  spec?: {
    provider?: string;
    default?: boolean;
    accessMode?: string;
    /** A duration of Go; 0s: never. */
    validationFrequency?: string;
    objectStorage?: { bucket?: string; prefix?: string; caCert?: string };
    config?: Record<string, string>;
  };
  status?: { phase?: string; message?: string; lastValidationTime?: string };
}

export interface DownloadRequest extends KubeObject {
  spec: { target: { kind: DownloadKind; name: string } };
  status?: { phase?: string; downloadURL?: string; expiration?: string };
}

/** Kinds of files that a backup has in its store. */
export type DownloadKind = 'BackupVolumeInfos' | 'BackupContents' | 'BackupLog' | 'BackupResults';

export const backups: Resource<Backup> = velero('backups', 'Backup');
export const schedules: Resource<Schedule> = velero('schedules', 'Schedule');
export const storageLocations: Resource<StorageLocation> = velero('backupstoragelocations', 'BackupStorageLocation', [
  'bsl',
]);
export const downloadRequests: Resource<DownloadRequest> = velero('downloadrequests', 'DownloadRequest');
export const veleroRestores: Resource = velero('restores', 'Restore');

export const backupLabel = 'velero.io/backup-name';
export const scheduleLabel = 'velero.io/schedule-name';

/** How a backup is called among the sets. */
export function setNameOf(backup: Pick<Backup, 'metadata'>): string {
  return `velero/${backup.metadata.name}`;
}

function velero<T extends KubeObject>(plural: string, kind: string, shortNames: string[] = []): Resource<T> {
  return {
    group: 'velero.io',
    version: 'v1',
    plural,
    singular: kind.toLowerCase(),
    kind,
    shortNames,
    namespaced: true,
  };
}
