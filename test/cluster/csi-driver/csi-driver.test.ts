// The driver as a process: its services, its start and its end.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { answer, startDriver } from './driver-process.ts';
import { setKnobs } from './knobs.ts';
import { createSnapshot, createVolume, read, volumeRequest, write } from './requests.ts';

describe('csi driver process', () => {
  test('says who it is and what it can', async (t) => {
    const driver = await startDriver();
    t.after(driver.stop);
    const types = (capability: object) => JSON.stringify(capability).match(/(?<="type":")[A-Z_]+/g);
    const { name } = await driver.call<{ name: string }>('Identity/GetPluginInfo', {});
    assert.equal(name, 'hostdir.csi.pvsnap.io');
    assert.deepEqual(await driver.call('Identity/Probe', {}), { ready: { value: true } });
    assert.deepEqual(types(await driver.call('Identity/GetPluginCapabilities', {})), [
      'CONTROLLER_SERVICE',
      'GROUP_CONTROLLER_SERVICE',
      'VOLUME_ACCESSIBILITY_CONSTRAINTS',
    ]);
    assert.deepEqual(types(await driver.call('Controller/ControllerGetCapabilities', {})), [
      'CREATE_DELETE_VOLUME',
      'CREATE_DELETE_SNAPSHOT',
      'LIST_SNAPSHOTS',
      'CLONE_VOLUME',
    ]);
    assert.deepEqual(types(await driver.call('GroupController/GroupControllerGetCapabilities', {})), [
      'CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT',
    ]);
    await assert.rejects(driver.call('Controller/GetCapacity', {}), answer('UNIMPLEMENTED'));
  });

  test('logs one line per call', async (t) => {
    const driver = await startDriver();
    t.after(driver.stop);
    await createVolume(driver, 'pvc-logged', 'ns/logged');
    assert.match(await driver.logged(/pvc-logged/), /^CreateVolume pvc-logged OK [\d.]+ ms$/);
    await assert.rejects(createSnapshot(driver, 'snapshot-logged', 'none'), answer('NOT_FOUND'));
    assert.match(await driver.logged(/snapshot-logged/), /NOT_FOUND "there is no volume none"/);
  });

  const endings = {
    SIGTERM: 'SIGTERM',
    SIGINT: 'SIGINT',
    'the end of stdin': undefined,
  } as const;
  for (const [name, signal] of Object.entries(endings)) {
    test(`ends on ${name} also while a call hangs, and removes its socket`, async (t) => {
      const driver = await startDriver();
      t.after(driver.stop);
      await setKnobs(driver.stateDir, '*', { provisionHang: true });
      const hanging = driver.call('Controller/CreateVolume', volumeRequest('pvc-hanging', 'ns/hanging'));
      // The driver reads calls of a connection in order, so the hanging one has arrived.
      await driver.call('Identity/Probe', {});
      const exited = once(driver.child, 'exit');
      if (signal === undefined) driver.child.stdin?.end();
      else driver.child.kill(signal);
      await assert.rejects(hanging);
      assert.deepEqual(await exited, [0, null]);
      assert.equal(existsSync(driver.socket), false);
    });
  }

  test('goes on with what an earlier driver kept, also after a kill', async (t) => {
    const stateDir = await mkdtemp(join(tmpdir(), 'csi-state-'));
    const first = await startDriver(stateDir);
    const volume = await createVolume(first, 'pvc-kept', 'ns/kept');
    await write(first, volume.volume_id, 'kept');
    const snapshot = await createSnapshot(first, 'snapshot-kept', volume.volume_id);
    first.child.kill('SIGKILL');
    await first.stop();
    const second = await startDriver(stateDir);
    t.after(async () => {
      await second.stop();
      await rm(stateDir, { recursive: true });
    });
    assert.deepEqual(await createSnapshot(second, 'snapshot-kept', volume.volume_id), snapshot);
    assert.deepEqual(await createVolume(second, 'pvc-kept', 'ns/kept'), volume);
    assert.equal(await read(second, volume.volume_id), 'kept');
  });
});
