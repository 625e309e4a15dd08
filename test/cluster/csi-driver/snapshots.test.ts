import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { answer, startDriver } from './driver-process.ts';
import type { DriverProcess } from './driver-process.ts';
import type { ListSnapshotsResponse } from './messages.ts';
import { createSnapshot, createVolume, fromSnapshot, nsOf, ofSize, read, write } from './requests.ts';
import { dataDir } from './state-dir.ts';

let driver: DriverProcess;
before(async () => {
  driver = await startDriver();
});
after(() => driver.stop());

describe('snapshots', () => {
  test('hold the data of their moment, and are restored from it', async () => {
    const { volume_id } = await createVolume(driver, 'pvc-cut', 'ns/cut', ofSize(5000));
    await write(driver, volume_id, 'before');
    const snapshot = await createSnapshot(driver, 'snapshot-cut', volume_id);
    await write(driver, volume_id, 'after');
    assert.equal(snapshot.ready_to_use, true);
    assert.equal(snapshot.source_volume_id, volume_id);
    assert.equal(snapshot.size_bytes, '5000');
    const restored = await createVolume(driver, 'pvc-restored', 'ns/restored', fromSnapshot(snapshot.snapshot_id));
    assert.equal(restored.content_source?.snapshot?.snapshot_id, snapshot.snapshot_id);
    assert.equal(restored.capacity_bytes, '5000');
    assert.equal(await read(driver, restored.volume_id), 'before');
    assert.equal(await read(driver, volume_id), 'after');
  });

  test('are cut once, however often they are asked for', async () => {
    const { volume_id } = await createVolume(driver, 'pvc-once', 'ns/once');
    await write(driver, volume_id, 'first');
    const create = () => createSnapshot(driver, 'snapshot-once', volume_id);
    const [snapshot, atOnce] = await Promise.all([create(), create()]);
    await write(driver, volume_id, 'second');
    assert.deepEqual(atOnce, snapshot);
    assert.deepEqual(await create(), snapshot);
    assert.equal(await read(driver, snapshot.snapshot_id, 'snapshots'), 'first');
    await driver.call('Controller/DeleteVolume', { volume_id });
    assert.deepEqual(await create(), snapshot);
  });

  test('of a name that is taken for another volume are refused, as are incomplete requests', async () => {
    const one = await createVolume(driver, 'pvc-one', 'ns/one');
    const two = await createVolume(driver, 'pvc-two', 'ns/two');
    await createSnapshot(driver, 'snapshot-taken', one.volume_id);
    await assert.rejects(createSnapshot(driver, 'snapshot-taken', two.volume_id), answer('ALREADY_EXISTS', 'pvc-one'));
    await assert.rejects(createSnapshot(driver, 'snapshot-of-none', 'none'), answer('NOT_FOUND'));
    await assert.rejects(createSnapshot(driver, '', one.volume_id), answer('INVALID_ARGUMENT'));
    await assert.rejects(createSnapshot(driver, 'snapshot-of-nothing', ''), answer('INVALID_ARGUMENT'));
  });

  test('carry the nanosecond of their cut', async () => {
    const { volume_id } = await createVolume(driver, 'pvc-clock', 'ns/clock');
    const beforeMs = Date.now();
    const cuts: bigint[] = [];
    for (const name of ['snapshot-clock-1', 'snapshot-clock-2', 'snapshot-clock-3']) {
      cuts.push(nsOf((await createSnapshot(driver, name, volume_id)).creation_time));
    }
    const afterMs = Date.now();
    // The two processes find the start of a millisecond each for itself.
    const toleranceMs = 2;
    for (const cutNs of cuts) {
      const cutMs = Number(cutNs) / 1e6;
      assert.ok(cutMs >= beforeMs - toleranceMs && cutMs <= afterMs + toleranceMs, `${cutMs} ms`);
    }
    assert.deepEqual(cuts, cuts.toSorted());
    // One in a thousand ends in 000 by chance, three of three don't.
    assert.ok(
      cuts.some((cutNs) => cutNs % 1000n !== 0n),
      cuts.join(' '),
    );
  });

  test('are deleted with their data, as often as asked', async () => {
    const { volume_id } = await createVolume(driver, 'pvc-deleted', 'ns/deleted');
    const { snapshot_id } = await createSnapshot(driver, 'snapshot-deleted', volume_id);
    await driver.call('Controller/DeleteSnapshot', { snapshot_id });
    await driver.call('Controller/DeleteSnapshot', { snapshot_id });
    assert.equal(existsSync(dataDir(driver.stateDir, 'snapshots', snapshot_id)), false);
    assert.deepEqual(await list({ snapshot_id }), []);
    await assert.rejects(driver.call('Controller/DeleteSnapshot', { snapshot_id: '' }), answer('INVALID_ARGUMENT'));
  });
});

describe('list of snapshots', () => {
  test('is filtered by snapshot and by volume, and paged', async () => {
    const { volume_id } = await createVolume(driver, 'pvc-listed', 'ns/listed');
    const other = await createVolume(driver, 'pvc-unlisted', 'ns/unlisted');
    await createSnapshot(driver, 'snapshot-listed-other', other.volume_id);
    const names = ['snapshot-listed-1', 'snapshot-listed-2', 'snapshot-listed-3'];
    const made = await Promise.all(names.map((name) => createSnapshot(driver, name, volume_id)));
    assert.deepEqual(await list({ source_volume_id: volume_id }), made);
    assert.deepEqual(await list({ snapshot_id: 'snapshot-listed-2' }), [made[1]]);
    assert.deepEqual(await list({ snapshot_id: 'snapshot-listed-2', source_volume_id: other.volume_id }), []);
    assert.deepEqual(await list({ snapshot_id: 'none' }), []);
    assert.ok((await list({})).length > names.length);

    const first = await page({ source_volume_id: volume_id, max_entries: 2 });
    const second = await page({ source_volume_id: volume_id, max_entries: 2, starting_token: first.next_token });
    assert.deepEqual(
      [...first.entries, ...second.entries].map(({ snapshot }) => snapshot),
      made,
    );
    assert.equal(second.next_token, '');
    await assert.rejects(page({ starting_token: 'made-up' }), answer('ABORTED', 'made-up'));
  });
});

async function list(filter: object) {
  return (await page(filter)).entries.map(({ snapshot }) => snapshot);
}

async function page(request: object) {
  return driver.call<ListSnapshotsResponse>('Controller/ListSnapshots', request);
}
