import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { answer, startDriver } from './driver-process.ts';
import type { DriverProcess } from './driver-process.ts';
import { clearKnobs, setKnobs } from './knobs.ts';
import type { GroupResponse } from './messages.ts';
import { createVolume, fromSnapshot, read, write } from './requests.ts';
import { dataDir } from './state-dir.ts';

let driver: DriverProcess;
before(async () => {
  driver = await startDriver();
});
after(() => driver.stop());

describe('group snapshots', () => {
  test('are cut together, once, with one creation time', async () => {
    const volumeIds = await twoVolumes('together');
    const group = await createGroup('group-together', volumeIds);
    for (const volumeId of volumeIds) await write(driver, volumeId, 'later');
    assert.deepEqual(await createGroup('group-together', volumeIds.toReversed()), group);
    assert.deepEqual(await getGroup(group.group_snapshot_id), group);
    assert.equal(group.ready_to_use, true);
    assert.deepEqual(group.snapshots.map((member) => member.source_volume_id).sort(), volumeIds);
    for (const member of group.snapshots) {
      assert.equal(member.group_snapshot_id, group.group_snapshot_id);
      assert.deepEqual(member.creation_time, group.creation_time);
      assert.equal(await read(driver, member.snapshot_id, 'snapshots'), member.source_volume_id);
    }
  });

  test('have members that a volume is restored from, and that go with the group alone', async () => {
    const group = await createGroup('group-members', await twoVolumes('members'));
    const [member] = group.snapshots;
    assert(member);
    const restored = await createVolume(driver, 'pvc-member', 'ns/member', fromSnapshot(member.snapshot_id));
    assert.equal(await read(driver, restored.volume_id), member.source_volume_id);
    const { snapshot_id } = member;
    await assert.rejects(driver.call('Controller/DeleteSnapshot', { snapshot_id }), answer('INVALID_ARGUMENT'));

    const request = { group_snapshot_id: group.group_snapshot_id };
    const wrong = { ...request, snapshot_ids: [snapshot_id] };
    await assert.rejects(driver.call(deleteMethod, wrong), answer('INVALID_ARGUMENT', 'other members'));
    await assert.rejects(driver.call(getMethod, wrong), answer('INVALID_ARGUMENT', 'other members'));
    const right = { ...request, snapshot_ids: group.snapshots.map((each) => each.snapshot_id) };
    await driver.call(deleteMethod, right);
    await driver.call(deleteMethod, right);
    await assert.rejects(getGroup(group.group_snapshot_id), answer('NOT_FOUND'));
    assert.deepEqual(await snapshotsWith('members'), []);
  });

  test('are refused when the name is taken, a volume is missing or the request incomplete', async () => {
    const volumeIds = await twoVolumes('refused');
    await createGroup('group-refused', volumeIds);
    await assert.rejects(createGroup('group-refused', volumeIds.slice(1)), answer('ALREADY_EXISTS'));
    await assert.rejects(createGroup('group-refused', volumeIds, { other: 'parameter' }), answer('ALREADY_EXISTS'));
    await assert.rejects(createGroup('group-half', [...volumeIds, 'none']), answer('NOT_FOUND', 'none'));
    assert.deepEqual(await snapshotsWith('group-half'), []);
    await assert.rejects(createGroup('', volumeIds), answer('INVALID_ARGUMENT'));
    await assert.rejects(createGroup('group-of-none', []), answer('INVALID_ARGUMENT'));
  });

  test('fail as one when the knob fails one member, and leave nothing', async () => {
    const volumeIds = await twoVolumes('failing');
    const failure = { code: 'INTERNAL', message: 'no space', times: 1 } as const;
    await setKnobs(driver.stateDir, 'ns/failing-2', { snapshotFailure: failure });
    await assert.rejects(createGroup('group-failing', volumeIds), answer('INTERNAL', 'no space'));
    assert.deepEqual(await snapshotsWith('failing'), []);
    assert.equal((await createGroup('group-failing', volumeIds)).snapshots.length, 2);
  });

  test('are ready when the slowest member is', async () => {
    const volumeIds = await twoVolumes('slow');
    await setKnobs(driver.stateDir, 'ns/slow-2', { snapshotReadyDelayMs: 600_000 });
    const group = await createGroup('group-slow', volumeIds);
    assert.equal(group.ready_to_use, false);
    assert.deepEqual(group.snapshots.map((member) => member.ready_to_use).sort(), [false, true]);
    await clearKnobs(driver.stateDir, 'ns/slow-2');
    assert.equal((await getGroup(group.group_snapshot_id)).ready_to_use, true);
  });

  test('hang as one while the knob hangs one member', async () => {
    const volumeIds = await twoVolumes('hanging');
    await setKnobs(driver.stateDir, 'ns/hanging-1', { snapshotHang: true });
    const request = { name: 'group-hanging', source_volume_ids: volumeIds };
    await assert.rejects(driver.call(createMethod, request, 300), answer('DEADLINE_EXCEEDED'));
    assert.deepEqual(await snapshotsWith('hanging'), []);
    const hanging = createGroup('group-hanging', volumeIds);
    await driver.call('Identity/Probe', {});
    await clearKnobs(driver.stateDir, 'ns/hanging-1');
    assert.equal((await hanging).snapshots.length, 2);
  });
});

const createMethod = 'GroupController/CreateVolumeGroupSnapshot';
const getMethod = 'GroupController/GetVolumeGroupSnapshot';
const deleteMethod = 'GroupController/DeleteVolumeGroupSnapshot';

/** Each holds its own id as data. */
async function twoVolumes(name: string): Promise<string[]> {
  const names = [`${name}-1`, `${name}-2`];
  const volumes = await Promise.all(names.map((each) => createVolume(driver, `pvc-${each}`, `ns/${each}`)));
  const volumeIds = volumes.map(({ volume_id }) => volume_id);
  await Promise.all(volumeIds.map((volumeId) => write(driver, volumeId, volumeId)));
  return volumeIds;
}

async function createGroup(name: string, volumeIds: string[], parameters = {}) {
  const request = { name, source_volume_ids: volumeIds, parameters };
  return (await driver.call<GroupResponse>(createMethod, request)).group_snapshot;
}

async function getGroup(id: string) {
  return (await driver.call<GroupResponse>(getMethod, { group_snapshot_id: id })).group_snapshot;
}

async function snapshotsWith(text: string): Promise<string[]> {
  return (await readdir(dataDir(driver.stateDir, 'snapshots', ''))).filter((id) => id.includes(text));
}
