import { status } from '@grpc/grpc-js';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { answer, startDriver } from './driver-process.ts';
import type { DriverProcess } from './driver-process.ts';
import { clearKnobs, setKnobs } from './knobs.ts';
import type { CodeName, Knobs } from './knobs.ts';
import { createSnapshot, createVolume, fromSnapshot, nsOf, read, volumeRequest, write } from './requests.ts';
import { dataDir } from './state-dir.ts';

const longMs = 600_000;
const turned = new Set<string>();
let driver: DriverProcess;
before(async () => {
  driver = await startDriver();
});
after(() => driver.stop());
afterEach(async () => {
  await Promise.all([...turned].map((scope) => clearKnobs(driver.stateDir, scope)));
  turned.clear();
});

describe('knobs of provisioning', () => {
  test('a hang holds one claim and no other, and ends at once when it is cleared', async () => {
    await turn('ns/hung', { provisionHang: true });
    const hung = createVolume(driver, 'pvc-hung', 'ns/hung');
    const free = createVolume(driver, 'pvc-free', 'ns/free');
    assert.equal((await Promise.race([hung, free])).volume_id, 'pvc-free');
    assert.equal(existsSync(dataDir(driver.stateDir, 'volumes', 'pvc-hung')), false);
    const clearedMs = performance.now();
    await clearKnobs(driver.stateDir, 'ns/hung');
    assert.equal((await hung).volume_id, 'pvc-hung');
    // Far less than the call's deadline, and more than a starved machine stands still.
    assert.ok(performance.now() - clearedMs < 10_000);
  });

  test('a call that is given up while it hangs makes nothing, also later; the next one does', async () => {
    await turn('ns', { provisionHang: true });
    const request = volumeRequest('pvc-given-up', 'ns/given-up');
    await assert.rejects(driver.call('Controller/CreateVolume', request, 3000), answer('DEADLINE_EXCEEDED'));
    await driver.logged(/CreateVolume pvc-given-up CANCELLED/);
    await clearKnobs(driver.stateDir, 'ns');
    assert.equal(existsSync(dataDir(driver.stateDir, 'volumes', 'pvc-given-up')), false);
    await createVolume(driver, 'pvc-given-up', 'ns/given-up');
  });

  test('a hang can turn into a failure', async () => {
    await turn('ns/turned', { provisionHang: true });
    const hung = createVolume(driver, 'pvc-turned', 'ns/turned');
    const rejected = assert.rejects(hung, answer('INTERNAL', 'broken pool'));
    await driver.call('Identity/Probe', {});
    await turn('ns/turned', { provisionFailure: { code: 'INTERNAL', message: 'broken pool' } });
    await rejected;
  });

  test('a delay counts from the first call for a name, through the calls that were given up', async () => {
    // The first call must reach the driver before it is given up; counted from the second, the delay ends far later.
    const delayMs = 4000;
    const givenUpMs = 3000;
    await turn('ns/delayed', { provisionDelayMs: delayMs });
    const startedMs = performance.now();
    const request = volumeRequest('pvc-delayed', 'ns/delayed');
    await assert.rejects(driver.call('Controller/CreateVolume', request, givenUpMs), answer('DEADLINE_EXCEEDED'));
    const retries = [
      createVolume(driver, 'pvc-delayed', 'ns/delayed'),
      createVolume(driver, 'pvc-delayed', 'ns/delayed'),
    ];
    const [first, second] = await Promise.all(retries);
    const tookMs = performance.now() - startedMs;
    assert.ok(tookMs >= delayMs && tookMs < givenUpMs + delayMs, `${tookMs} ms`);
    assert.deepEqual(first, second);
    await turn('ns/delayed', { provisionDelayMs: longMs, provisionHang: true });
    assert.deepEqual(await createVolume(driver, 'pvc-delayed', 'ns/delayed'), first);
  });

  test('a delay ends when it is lowered, and holds for restores by the new claim', async () => {
    const source = await createVolume(driver, 'pvc-source', 'ns/source');
    await write(driver, source.volume_id, 'restored');
    const { snapshot_id } = await createSnapshot(driver, 'snapshot-source', source.volume_id);
    await turn('ns/restored', { provisionDelayMs: longMs });
    const restoring = createVolume(driver, 'pvc-restored', 'ns/restored', fromSnapshot(snapshot_id));
    await createVolume(driver, 'pvc-unheld', 'ns/source-again', fromSnapshot(snapshot_id));
    await turn('ns/restored', { provisionDelayMs: 1 });
    assert.equal(await read(driver, (await restoring).volume_id), 'restored');
  });

  test('a failure has every code there is, and its message', async () => {
    for (const code of codes) {
      await turn('ns/failing', { provisionFailure: { code, message: `as ${code}` } });
      await assert.rejects(createVolume(driver, 'pvc-failing', 'ns/failing'), answer(code, `as ${code}`));
    }
  });

  test('a failure ends after its times, and starts again when it is set again', async () => {
    const knobs: Knobs = { provisionFailure: { code: 'UNAVAILABLE', message: 'busy', times: 2 } };
    for (const name of ['pvc-times-1', 'pvc-times-2']) {
      await turn('ns/times', knobs);
      await assert.rejects(createVolume(driver, name, 'ns/times'), answer('UNAVAILABLE'));
      await assert.rejects(createVolume(driver, name, 'ns/times'), answer('UNAVAILABLE'));
      await createVolume(driver, name, 'ns/times');
    }
  });

  test('deletion of a volume fails as told', async () => {
    const { volume_id } = await createVolume(driver, 'pvc-undeleted', 'ns/undeleted');
    await turn('ns/undeleted', { deleteVolumeFailure: { code: 'FAILED_PRECONDITION', message: 'in use', times: 1 } });
    const remove = () => driver.call('Controller/DeleteVolume', { volume_id });
    await assert.rejects(remove(), answer('FAILED_PRECONDITION', 'in use'));
    assert.ok(existsSync(dataDir(driver.stateDir, 'volumes', volume_id)));
    await remove();
    assert.equal(existsSync(dataDir(driver.stateDir, 'volumes', volume_id)), false);
  });
});

describe('knobs of snapshots', () => {
  test('a snapshot is cut at once, and can be restored when its delay has passed', async () => {
    const { volume_id } = await createVolume(driver, 'pvc-later', 'ns/later');
    await write(driver, volume_id, 'then');
    // Long enough for a restore to be asked for, and refused, before it has passed.
    const delayMs = 5000;
    await turn('ns/later', { snapshotReadyDelayMs: delayMs });
    const cut = await createSnapshot(driver, 'snapshot-later', volume_id);
    await write(driver, volume_id, 'now');
    assert.equal(cut.ready_to_use, false);
    const restore = () => createVolume(driver, 'pvc-from-later', 'ns/from-later', fromSnapshot(cut.snapshot_id));
    await assert.rejects(restore(), answer('UNAVAILABLE', 'not ready'));
    // Not a guess: the moment from which on the snapshot must be ready.
    await setTimeout(Number(nsOf(cut.creation_time)) / 1e6 + delayMs + 5 - Date.now());
    assert.deepEqual(await createSnapshot(driver, 'snapshot-later', volume_id), { ...cut, ready_to_use: true });
    assert.equal(await read(driver, (await restore()).volume_id), 'then');
  });

  test('the delay ends when it is cleared, and is not put on what was cut before', async () => {
    const { volume_id } = await createVolume(driver, 'pvc-cleared', 'ns/cleared');
    const isReady = async (name: string) => (await createSnapshot(driver, name, volume_id)).ready_to_use;
    assert.equal(await isReady('snapshot-earlier'), true);
    await turn('ns/cleared', { snapshotReadyDelayMs: longMs });
    assert.equal(await isReady('snapshot-earlier'), true);
    assert.equal(await isReady('snapshot-cleared'), false);
    await clearKnobs(driver.stateDir, 'ns/cleared');
    assert.equal(await isReady('snapshot-cleared'), true);
  });

  test('a failure has every code there is; nothing is cut until it ends', async () => {
    const { volume_id } = await createVolume(driver, 'pvc-uncut', 'ns/uncut');
    for (const code of codes) {
      await turn('ns/uncut', { snapshotFailure: { code, message: `as ${code}` } });
      await assert.rejects(createSnapshot(driver, 'snapshot-uncut', volume_id), answer(code, `as ${code}`));
    }
    assert.equal(existsSync(dataDir(driver.stateDir, 'snapshots', 'snapshot-uncut')), false);
    await turn('ns/uncut', { snapshotFailure: { code: 'INTERNAL', message: 'once', times: 1 } });
    await assert.rejects(createSnapshot(driver, 'snapshot-uncut', volume_id), answer('INTERNAL', 'once'));
    await createSnapshot(driver, 'snapshot-uncut', volume_id);
  });

  test('a snapshot that is cut but not ready can fail as well', async () => {
    const { volume_id } = await createVolume(driver, 'pvc-upload', 'ns/upload');
    await turn('ns/upload', { snapshotReadyDelayMs: longMs });
    await createSnapshot(driver, 'snapshot-upload', volume_id);
    await turn('ns/upload', { snapshotReadyDelayMs: longMs, snapshotFailure: { code: 'INTERNAL', message: 'upload' } });
    await assert.rejects(createSnapshot(driver, 'snapshot-upload', volume_id), answer('INTERNAL', 'upload'));
  });

  test('a hang holds the cut back until it is cleared', async () => {
    const { volume_id } = await createVolume(driver, 'pvc-uncertain', 'ns/uncertain');
    await write(driver, volume_id, 'early');
    await turn('ns/uncertain', { snapshotHang: true });
    const hanging = createSnapshot(driver, 'snapshot-uncertain', volume_id);
    const other = await createVolume(driver, 'pvc-certain', 'ns/certain');
    await createSnapshot(driver, 'snapshot-certain', other.volume_id);
    await write(driver, volume_id, 'late');
    await clearKnobs(driver.stateDir, 'ns/uncertain');
    assert.equal(await read(driver, (await hanging).snapshot_id, 'snapshots'), 'late');
  });
});

describe('scopes of knobs', () => {
  test('the narrowest that sets a knob wins, knob by knob', async () => {
    const failureAs = (message: string, times?: number): Knobs => ({
      provisionFailure: { code: 'INTERNAL', message, ...(times !== undefined && { times }) },
    });
    await turn('*', failureAs('everywhere'));
    await turn('scoped', failureAs('namespace'));
    await turn('scoped/claim', failureAs('claim'));
    await turn('scoped/exempt', failureAs('never', 0));
    await turn('scoped/other-knob', { provisionDelayMs: 1 });
    const create = (claim: string) => createVolume(driver, `pvc-${claim.replace('/', '-')}`, claim);
    await assert.rejects(create('elsewhere/claim'), answer('INTERNAL', 'everywhere'));
    await assert.rejects(create('scoped/any'), answer('INTERNAL', 'namespace'));
    await assert.rejects(create('scoped/claim'), answer('INTERNAL', 'claim'));
    await assert.rejects(create('scoped/other-knob'), answer('INTERNAL', 'namespace'));
    await create('scoped/exempt');
    await turn('scoped', { provisionHang: true });
    await turn('scoped/unhung', { provisionHang: false, ...failureAs('at once') });
    await assert.rejects(create('scoped/unhung'), answer('INTERNAL', 'at once'));
    const unnamed = createVolume(driver, 'pvc-unnamed', '', { parameters: {} });
    await assert.rejects(unnamed, answer('INTERNAL', 'everywhere'));
  });
});

const codes = Object.values(status).filter((code) => typeof code === 'string' && code !== 'OK') as CodeName[];

async function turn(scope: string, knobs: Knobs): Promise<void> {
  turned.add(scope);
  await setKnobs(driver.stateDir, scope, knobs);
}
