/** What Velero wrote down of each volume of a backup: the file BackupVolumeInfos. Anybody may have written it who may write the store. */
import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import type { Readable } from 'node:stream';
import { FailedError } from '../errors.ts';
import { readWhole } from './read-whole.ts';

/** From internal/volume BackupVolumeInfo of Velero: of its fields those that are read here. */
export interface VolumeInfo {
  pvcName: string;
  pvcNamespace: string;
  pvName: string;
  /** CSISnapshot, PodVolumeBackup or NativeSnapshot; empty where it was skipped. */
  backupMethod: string;
  /** succeeded or failed; absent in some versions. */
  result: string;
  skipped: boolean;
  skippedReason: string;
  snapshotDataMoved: boolean;
  preserveLocalSnapshot: boolean;
  snapshot: { handle: string; driver: string; sizeBytes: number; content: string } | undefined;
}

const unpack = promisify(gunzip);
/** Of JSON, unpacked: a million volumes take less. */
const mostBytes = 256 * 2 ** 20;

/** @throws FailedError when it is not what Velero writes, or the store breaks off */
export async function readVolumeInfos(file: Readable): Promise<VolumeInfo[]> {
  const packed = await readWhole(file, mostBytes);
  try {
    const value: unknown = JSON.parse(String(await unpack(packed, { maxOutputLength: mostBytes })));
    // Velero writes null for a backup without volumes.
    return value === null ? [] : (value as unknown[]).map(infoOf);
  } catch (error) {
    throw new FailedError('the file with the volumes of the backup is not what Velero writes', { cause: error });
  }
}

function infoOf(value: unknown): VolumeInfo {
  const info = value as Record<string, unknown>;
  const snapshot = info.csiSnapshotInfo as Record<string, unknown> | undefined;
  return {
    pvcName: textOf(info.pvcName),
    pvcNamespace: textOf(info.pvcNamespace),
    pvName: textOf(info.pvName),
    backupMethod: textOf(info.backupMethod),
    result: textOf(info.result),
    skipped: info.skipped === true,
    skippedReason: textOf(info.skippedReason),
    snapshotDataMoved: info.snapshotDataMoved === true,
    preserveLocalSnapshot: info.preserveLocalSnapshot === true,
    snapshot: snapshot && {
      handle: textOf(snapshot.snapshotHandle),
      driver: textOf(snapshot.driver),
      sizeBytes: Number.isSafeInteger(snapshot.size) ? Number(snapshot.size) : 0,
      content: textOf(snapshot.vscName),
    },
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
