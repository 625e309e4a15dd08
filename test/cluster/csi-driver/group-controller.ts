// The GroupController service: snapshots of several volumes, cut together and deleted together.
import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { isDeepStrictEqual } from 'node:util';
import { nowNs, timestampOf } from './clock.ts';
import type { Driver, GroupRecord, SnapshotRecord, VolumeRecord } from './driver.ts';
import type { Claim } from './knob-board.ts';
import type { CreateGroupRequest, GroupRequest, GroupResponse } from './messages.ts';
import { idFor } from './records.ts';
import { RpcError, unary } from './rpc.ts';
import { cut, dropSnapshot, findVolume, messageFor, waitForSnapshots } from './snapshots.ts';

const capabilities = [{ rpc: { type: 'CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT' } }];

export function groupControllerCalls(driver: Driver): UntypedServiceImplementation {
  return {
    GroupControllerGetCapabilities: unary(() => ({ capabilities })),
    CreateVolumeGroupSnapshot: unary((request: CreateGroupRequest, signal) => createGroup(driver, request, signal)),
    GetVolumeGroupSnapshot: unary((request: GroupRequest) => getGroup(driver, request)),
    DeleteVolumeGroupSnapshot: unary((request: GroupRequest) => deleteGroup(driver, request)),
  };
}

/** All members or none, with one creation time. The knobs of every member's claim hold for the whole. */
async function createGroup(driver: Driver, request: CreateGroupRequest, signal: AbortSignal): Promise<GroupResponse> {
  const volumeIds = [...new Set(request.source_volume_ids)].sort();
  if (request.name === '' || volumeIds.length === 0) {
    throw new RpcError('INVALID_ARGUMENT', 'name or source_volume_ids are missing');
  }
  const id = idFor(request.name);
  const known = await driver.groups.find(id);
  const claims = await (known === undefined ? claimsOfVolumes(driver, volumeIds) : claimsOfMembers(driver, known));
  if (known === undefined) await waitForSnapshots(driver, claims, signal);
  await driver.knobs.failIfTold(claims, 'snapshotFailure');
  return driver.locked(id, async () => {
    const existing = await driver.groups.find(id);
    const isSame = isDeepStrictEqual([existing?.volumeIds, existing?.parameters], [volumeIds, request.parameters]);
    if (existing !== undefined && !isSame) {
      throw new RpcError('ALREADY_EXISTS', `group ${id} exists, and is of other volumes or has other parameters`);
    }
    return responseFor(driver, existing ?? (await cutGroup(driver, id, volumeIds, request.parameters)));
  });
}

async function getGroup(driver: Driver, request: GroupRequest): Promise<GroupResponse> {
  const id = request.group_snapshot_id;
  const group = await driver.groups.find(id);
  if (group === undefined) throw new RpcError('NOT_FOUND', `there is no group ${id}`);
  checkMembers(group, request);
  return responseFor(driver, group);
}

async function deleteGroup(driver: Driver, request: GroupRequest): Promise<object> {
  const id = request.group_snapshot_id;
  if (id === '') throw new RpcError('INVALID_ARGUMENT', 'group_snapshot_id is missing');
  return driver.locked(id, async () => {
    const group = await driver.groups.find(id);
    if (group === undefined) return {};
    checkMembers(group, request);
    await Promise.all(group.snapshotIds.map((snapshotId) => dropSnapshot(driver, snapshotId)));
    await driver.groups.drop(id);
    return {};
  });
}

async function claimsOfVolumes(driver: Driver, volumeIds: string[]): Promise<Claim[]> {
  const volumes = await findVolumes(driver, volumeIds);
  return volumes.map(({ claim }) => claim);
}

// The volumes of a group that exists may be gone.
async function claimsOfMembers(driver: Driver, group: GroupRecord): Promise<Claim[]> {
  const members = await findMembers(driver, group);
  return members.map(({ claim }) => claim);
}

async function findMembers(driver: Driver, group: GroupRecord): Promise<SnapshotRecord[]> {
  const members = await Promise.all(group.snapshotIds.map((snapshotId) => driver.snapshots.find(snapshotId)));
  return members.filter((member) => member !== undefined);
}

async function findVolumes(driver: Driver, volumeIds: string[]): Promise<VolumeRecord[]> {
  return Promise.all(volumeIds.map((volumeId) => findVolume(driver, volumeId)));
}

async function cutGroup(
  driver: Driver,
  id: string,
  volumeIds: string[],
  parameters: Record<string, string>,
): Promise<GroupRecord> {
  const volumes = await findVolumes(driver, volumeIds);
  const snapshotIds = volumeIds.map((volumeId) => idFor(`${id}-${volumeId}`));
  const cutAtNs = nowNs();
  const cuts = volumes.map((volume, index) =>
    cut(driver, volume, { id: snapshotIds[index] ?? '', cutAtNs, groupId: id }),
  );
  const results = await Promise.allSettled(cuts);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await Promise.all(snapshotIds.map((snapshotId) => dropSnapshot(driver, snapshotId)));
    throw failed.reason;
  }
  const group: GroupRecord = { id, volumeIds, snapshotIds, parameters, cutAtNs: String(cutAtNs) };
  await driver.groups.put(group);
  return group;
}

function checkMembers(group: GroupRecord, { snapshot_ids: snapshotIds }: GroupRequest): void {
  // The sidecar sends none for a group that it never saw the members of.
  if (snapshotIds.length === 0) return;
  if (isDeepStrictEqual(new Set(snapshotIds), new Set(group.snapshotIds))) return;
  throw new RpcError('INVALID_ARGUMENT', `group ${group.id} has other members: ${group.snapshotIds.join(', ')}`);
}

async function responseFor(driver: Driver, group: GroupRecord): Promise<GroupResponse> {
  const members = await findMembers(driver, group);
  const snapshots = await Promise.all(members.map((member) => messageFor(driver, member)));
  return {
    group_snapshot: {
      group_snapshot_id: group.id,
      snapshots,
      creation_time: timestampOf(BigInt(group.cutAtNs)),
      ready_to_use: snapshots.every((snapshot) => snapshot.ready_to_use),
    },
  };
}
