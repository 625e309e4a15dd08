import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { answer, startDriver } from './driver-process.ts';
import type { DriverProcess } from './driver-process.ts';
import { createSnapshot, createVolume, fromSnapshot, fromVolume, inZones } from './requests.ts';
import { ofSize, read, volumeRequest, write, zoneOf } from './requests.ts';
import { dataDir } from './state-dir.ts';

const gib = 1024 ** 3;
let driver: DriverProcess;
before(async () => {
  driver = await startDriver();
});
after(() => driver.stop());

describe('volumes', () => {
  test('the same name gives the same volume, and keeps its data', async () => {
    const volume = await createVolume(driver, 'pvc-same', 'ns/same', ofSize(2 * gib));
    await write(driver, volume.volume_id, 'mine');
    assert.deepEqual(await createVolume(driver, 'pvc-same', 'ns/same', ofSize(2 * gib)), volume);
    assert.equal(await read(driver, volume.volume_id), 'mine');
  });

  test('the same name with another size, zone, source or parameter is refused', async () => {
    const request = { ...ofSize(2 * gib), ...inZones('zone-a') };
    const { volume_id } = await createVolume(driver, 'pvc-other', 'ns/other', request);
    const others = [
      { ...request, ...ofSize(3 * gib) },
      { ...request, ...ofSize(gib, gib) },
      { ...request, ...inZones('zone-b') },
      { ...request, ...fromVolume(volume_id) },
      { ...request, parameters: { type: 'fast' } },
    ];
    for (const other of others) {
      await assert.rejects(createVolume(driver, 'pvc-other', 'ns/other', other), answer('ALREADY_EXISTS', 'pvc-other'));
    }
  });

  test('calls for one name at the same time make one volume', async () => {
    const source = await createVolume(driver, 'pvc-at-once-source', 'ns/at-once-source');
    await write(driver, source.volume_id, 'copied');
    const create = () => createVolume(driver, 'pvc-at-once', 'ns/at-once', fromVolume(source.volume_id));
    const [first, ...others] = await Promise.all([create(), create(), create()]);
    for (const other of others) assert.deepEqual(other, first);
    assert.equal(await read(driver, first.volume_id), 'copied');
  });

  test('a request without a name, a capability or a possible size is refused', async () => {
    const complete = volumeRequest('pvc-bad', 'ns/bad');
    const requests = [
      { ...complete, name: '' },
      { ...complete, volume_capabilities: [] },
      { ...complete, ...ofSize(2, 1) },
    ];
    for (const request of requests) {
      await assert.rejects(driver.call('Controller/CreateVolume', request), answer('INVALID_ARGUMENT'));
    }
  });

  test('a name that is no file name is no way out of the folder', async () => {
    const { volume_id } = await createVolume(driver, '../../escaped', 'ns/escaped');
    assert.ok((await readdir(dataDir(driver.stateDir, 'volumes', ''))).includes(volume_id));
    await driver.call('Controller/DeleteVolume', { volume_id: `../volumes/${volume_id}` });
    assert.ok(existsSync(dataDir(driver.stateDir, 'volumes', volume_id)));
  });

  test('a volume is deleted with its data, as often as asked; its snapshots stay', async () => {
    const { volume_id } = await createVolume(driver, 'pvc-gone', 'ns/gone');
    await write(driver, volume_id, 'kept');
    const { snapshot_id } = await createSnapshot(driver, 'snapshot-gone', volume_id);
    await driver.call('Controller/DeleteVolume', { volume_id });
    await driver.call('Controller/DeleteVolume', { volume_id });
    assert.equal(existsSync(dataDir(driver.stateDir, 'volumes', volume_id)), false);
    await assert.rejects(validate(volume_id), answer('NOT_FOUND'));
    const restored = await createVolume(driver, 'pvc-back', 'ns/back', fromSnapshot(snapshot_id));
    assert.equal(await read(driver, restored.volume_id), 'kept');
    await assert.rejects(driver.call('Controller/DeleteVolume', { volume_id: '' }), answer('INVALID_ARGUMENT'));
  });

  test('capabilities of a volume that exists are confirmed', async () => {
    const { volume_id } = await createVolume(driver, 'pvc-valid', 'ns/valid');
    const { confirmed } = await validate(volume_id);
    assert.equal(confirmed.volume_capabilities.length, 1);
  });
});

describe('copies', () => {
  test('a clone has the data and is on its own', async () => {
    const source = await createVolume(driver, 'pvc-clone-source', 'ns/clone-source', ofSize(2 * gib));
    await write(driver, source.volume_id, 'old');
    const clone = await createVolume(driver, 'pvc-clone', 'ns/clone', fromVolume(source.volume_id));
    assert.equal(clone.content_source?.volume?.volume_id, source.volume_id);
    assert.equal(clone.capacity_bytes, String(2 * gib));
    await write(driver, source.volume_id, 'new');
    assert.equal(await read(driver, clone.volume_id), 'old');
  });

  test('a source that is not there is NOT_FOUND', async () => {
    const create = (content: object) => createVolume(driver, 'pvc-nothing', 'ns/nothing', content);
    await assert.rejects(create(fromSnapshot('none')), answer('NOT_FOUND', 'snapshot none'));
    await assert.rejects(create(fromVolume('none')), answer('NOT_FOUND', 'volume none'));
    await assert.rejects(create(fromSnapshot('../temp')), answer('NOT_FOUND'));
  });

  test('below the size of its source is OUT_OF_RANGE, above it is taken', async () => {
    const source = await createVolume(driver, 'pvc-size-source', 'ns/size-source', ofSize(2 * gib));
    const { snapshot_id } = await createSnapshot(driver, 'snapshot-size', source.volume_id);
    for (const content of [fromSnapshot(snapshot_id), fromVolume(source.volume_id)]) {
      const create = (size: object) => createVolume(driver, 'pvc-size', 'ns/size', { ...content, ...size });
      await assert.rejects(create(ofSize(2 * gib - 1)), answer('OUT_OF_RANGE'));
      await assert.rejects(create(ofSize(0, gib)), answer('OUT_OF_RANGE'));
      const { volume_id, capacity_bytes } = await create(ofSize(3 * gib));
      assert.equal(capacity_bytes, String(3 * gib));
      await driver.call('Controller/DeleteVolume', { volume_id });
    }
  });
});

describe('zones and sizes', () => {
  test('1 GiB when no size is asked for, less when the limit is', async () => {
    assert.equal((await createVolume(driver, 'pvc-default', 'ns/default')).capacity_bytes, String(gib));
    assert.equal((await createVolume(driver, 'pvc-limit', 'ns/limit', ofSize(0, 1000))).capacity_bytes, '1000');
  });

  test('the preferred zone, else one that there is, else zone-a', async () => {
    const zoneFor = async (name: string, rest: object) => zoneOf(await createVolume(driver, name, `ns/${name}`, rest));
    assert.equal(await zoneFor('pvc-b', inZones('zone-b', 'zone-a')), 'zone-b');
    assert.equal(await zoneFor('pvc-c', inZones('zone-c', 'zone-b')), 'zone-b');
    assert.equal(await zoneFor('pvc-a', {}), 'zone-a');
    const { accessibility_requirements } = inZones('zone-b');
    const requisite = { ...accessibility_requirements, preferred: [] };
    assert.equal(await zoneFor('pvc-requisite', { accessibility_requirements: requisite }), 'zone-b');
    await assert.rejects(zoneFor('pvc-nowhere', inZones('zone-c')), answer('RESOURCE_EXHAUSTED', 'zone-c'));
  });

  test('a copy is made in the zone of its source alone', async () => {
    const source = await createVolume(driver, 'pvc-zone-source', 'ns/zone-source', inZones('zone-b'));
    const { snapshot_id } = await createSnapshot(driver, 'snapshot-zone', source.volume_id);
    for (const content of [fromSnapshot(snapshot_id), fromVolume(source.volume_id)]) {
      const create = (rest: object) => createVolume(driver, 'pvc-zone', 'ns/zone', { ...content, ...rest });
      await assert.rejects(create(inZones('zone-a')), answer('RESOURCE_EXHAUSTED', 'zone-b'));
      for (const zones of [{}, inZones('zone-a', 'zone-b')]) {
        const copy = await create(zones);
        assert.equal(zoneOf(copy), 'zone-b');
        await driver.call('Controller/DeleteVolume', { volume_id: copy.volume_id });
      }
    }
  });
});

async function validate(volumeId: string) {
  const { volume_capabilities } = volumeRequest('', '');
  const request = { volume_id: volumeId, volume_capabilities };
  return driver.call<{ confirmed: { volume_capabilities: object[] } }>(
    'Controller/ValidateVolumeCapabilities',
    request,
  );
}
