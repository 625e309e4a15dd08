// CreateSnapshot, DeleteSnapshot and ListSnapshots.
import { nowNs, timestampOf } from './clock.ts';
import type { Driver, SnapshotRecord, VolumeRecord } from './driver.ts';
import type { Claim } from './knob-board.ts';
import type {
  CreateSnapshotRequest,
  CreateSnapshotResponse,
  DeleteSnapshotRequest,
  ListSnapshotsRequest,
  ListSnapshotsResponse,
  SnapshotMessage,
} from './messages.ts';
import { idFor } from './records.ts';
import { RpcError } from './rpc.ts';
import { dataDir, makeData, removeData } from './state-dir.ts';

/** Cuts a snapshot, or finds the one cut for this name before: the sidecar repeats the call until it is ready. */
export async function createSnapshot(
  driver: Driver,
  request: CreateSnapshotRequest,
  signal: AbortSignal,
): Promise<CreateSnapshotResponse> {
  const { name, source_volume_id: volumeId } = request;
  if (name === '' || volumeId === '') throw new RpcError('INVALID_ARGUMENT', 'name or source_volume_id is missing');
  const id = idFor(name);
  const known = await driver.snapshots.find(id);
  const { claim } = known ?? (await findVolume(driver, volumeId));
  if (known === undefined) await waitForSnapshots(driver, [claim], signal);
  await driver.knobs.failIfTold([claim], 'snapshotFailure');
  return driver.locked(id, async () => {
    const existing = await driver.snapshots.find(id);
    if (existing !== undefined && existing.volumeId !== volumeId) {
      throw new RpcError('ALREADY_EXISTS', `snapshot ${id} exists, and is of volume ${existing.volumeId}`);
    }
    const snapshot = existing ?? (await cut(driver, await findVolume(driver, volumeId), { id, cutAtNs: nowNs() }));
    return { snapshot: await messageFor(driver, snapshot) };
  });
}

/** Succeeds also when there is no such snapshot. */
export async function deleteSnapshot(driver: Driver, { snapshot_id: id }: DeleteSnapshotRequest): Promise<object> {
  if (id === '') throw new RpcError('INVALID_ARGUMENT', 'snapshot_id is missing');
  return driver.locked(id, async () => {
    const snapshot = await driver.snapshots.find(id);
    if (snapshot?.groupId !== undefined) {
      throw new RpcError('INVALID_ARGUMENT', `snapshot ${id} belongs to group ${snapshot.groupId}, which goes as one`);
    }
    if (snapshot !== undefined) await dropSnapshot(driver, id);
    return {};
  });
}

/** By id, by source volume, or all, in pages whose token is the place of the first entry. */
export async function listSnapshots(driver: Driver, request: ListSnapshotsRequest): Promise<ListSnapshotsResponse> {
  const { snapshot_id: id, source_volume_id: volumeId, max_entries: maxEntries } = request;
  const candidates = id === '' ? await driver.snapshots.list() : [await driver.snapshots.find(id)];
  const found = candidates.filter((snapshot) => snapshot !== undefined);
  const matching = found.filter((snapshot) => volumeId === '' || snapshot.volumeId === volumeId);
  const from = Number(request.starting_token);
  if (!Number.isInteger(from) || from < 0 || from > matching.length) {
    throw new RpcError('ABORTED', `starting_token ${request.starting_token} is none of ours`);
  }
  const to = maxEntries === 0 ? matching.length : from + maxEntries;
  const page = matching.slice(from, to);
  const entries = page.map(async (snapshot) => ({ snapshot: await messageFor(driver, snapshot) }));
  return { entries: await Promise.all(entries), next_token: to < matching.length ? String(to) : '' };
}

/** @throws RpcError NOT_FOUND */
export async function findVolume(driver: Driver, volumeId: string): Promise<VolumeRecord> {
  const volume = await driver.volumes.find(volumeId);
  if (volume === undefined) throw new RpcError('NOT_FOUND', `there is no volume ${volumeId}`);
  return volume;
}

/** Waits while a knob has the snapshots of one of these claims hang. */
export async function waitForSnapshots(driver: Driver, claims: Claim[], signal: AbortSignal): Promise<void> {
  await driver.knobs.waitOut(claims, (knobs) => (knobs.snapshotHang === true ? Infinity : 0), signal);
}

/** Copies the volume's data as it stands. */
export async function cut(
  driver: Driver,
  volume: VolumeRecord,
  { id, cutAtNs, groupId }: { id: string; cutAtNs: bigint; groupId?: string },
): Promise<SnapshotRecord> {
  const { snapshotReadyDelayMs: readyDelayMs = 0 } = await driver.knobs.valuesFor(volume.claim);
  const { sizeBytes, zone, claim } = volume;
  const snapshot: SnapshotRecord = {
    id,
    volumeId: volume.id,
    sizeBytes,
    zone,
    cutAtNs: String(cutAtNs),
    readyDelayMs,
    ...(claim && { claim }),
    ...(groupId !== undefined && { groupId }),
  };
  await makeData(driver.stateDir, 'snapshots', id, dataDir(driver.stateDir, 'volumes', volume.id));
  await driver.snapshots.put(snapshot);
  return snapshot;
}

export async function dropSnapshot(driver: Driver, id: string): Promise<void> {
  await removeData(driver.stateDir, 'snapshots', id);
  await driver.snapshots.drop(id);
}

export async function messageFor(driver: Driver, snapshot: SnapshotRecord): Promise<SnapshotMessage> {
  return {
    snapshot_id: snapshot.id,
    source_volume_id: snapshot.volumeId,
    size_bytes: String(snapshot.sizeBytes),
    creation_time: timestampOf(BigInt(snapshot.cutAtNs)),
    ready_to_use: await isReady(driver, snapshot),
    group_snapshot_id: snapshot.groupId ?? '',
  };
}

/** A knob turned after the cut can make a snapshot ready earlier, never later: ready is not taken back. */
export async function isReady(driver: Driver, { claim, readyDelayMs, cutAtNs }: SnapshotRecord): Promise<boolean> {
  const { snapshotReadyDelayMs = 0 } = await driver.knobs.valuesFor(claim);
  const delayMs = Math.min(readyDelayMs, snapshotReadyDelayMs);
  return nowNs() >= BigInt(cutAtNs) + BigInt(delayMs) * 1_000_000n;
}
