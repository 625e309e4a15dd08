/** What tests wait for. */
import type { V1PersistentVolumeClaim, V1Pod, V1StatefulSet } from '@kubernetes/client-node';

/** The part of a VolumeSnapshot or VolumeGroupSnapshot that tests look at. */
export interface SnapshotState {
  status?: { readyToUse?: boolean; restoreSize?: string; creationTime?: string; error?: { message?: string } };
}

export function isBound({ status }: V1PersistentVolumeClaim): boolean {
  return status?.phase === 'Bound';
}

export function isRunning({ status }: V1Pod): boolean {
  return status?.phase === 'Running';
}

export function isReady({ status }: SnapshotState): boolean {
  return status?.readyToUse === true;
}

/** All pods that it should have are ready, and no others are left. */
export function isRolledOut({ metadata, spec, status }: V1StatefulSet): boolean {
  const wanted = spec?.replicas ?? 1;
  const isSeen = status?.observedGeneration === metadata?.generation;
  return isSeen && status?.replicas === wanted && (status.readyReplicas ?? 0) === wanted;
}

export function isGone(_: object, isDeleted: boolean): boolean {
  return isDeleted;
}
