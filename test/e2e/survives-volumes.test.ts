/** Volumes in states that a swap would lose, or that would keep an undo from its end. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import type { TestNamespace } from '../cluster/namespace.ts';
import { entering, interruptedAt, marksIn, succeed } from './interrupted.ts';
import { pvsnap, start } from './program.ts';
import { openApp } from './restore-app.ts';
import { assertFailed, assertRestored, everythingIn, list, stagingClaim, volumesOf } from './restore-checks.ts';

const name = 'data-db-0';

async function volumeOf(namespace: TestNamespace): Promise<string> {
  const [claim] = await list<V1PersistentVolumeClaim>(namespace, 'PersistentVolumeClaim');
  return claim?.spec?.volumeName ?? '';
}

/** It stays, on its way out, until its claim is gone. */
async function deleteVolume(namespace: TestNamespace): Promise<string> {
  const volume = await volumeOf(namespace);
  await namespace.kubectl('delete', 'pv', volume, '--wait=false');
  return volume;
}

describe('a volume', { concurrency: 2 }, () => {
  test('that is smaller than its claim asks for, since nobody has expanded it yet, gets its claim back', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const grown = JSON.stringify({ spec: { resources: { requests: { storage: '3Gi' } } } });
    const { code, stderr } = await namespace.kubectl('patch', 'pvc', name, '-p', grown);
    assert.equal(code, 0, stderr);
    const restore = await succeed(namespace, 'restore', ...snapshots);
    await assertRestored(namespace, { claims: { [name]: 'before' }, parked: [[name, 'after']] });
    await succeed(namespace, 'undo', restore, '--timeout=60s');
    await assertRestored(namespace, { claims: { [name]: 'after' }, parked: [[name, 'before']] });
  });

  test('that is being deleted is not parked: restore says so before it begins', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const volume = await deleteVolume(namespace);
    const before = await everythingIn(namespace);
    const refused = await pvsnap(namespace, 'restore', ...snapshots, '--yes');
    assertFailed(refused, `its volume ${volume} is being deleted`, '--strategy replace', 'nothing was changed');
    assert.deepEqual(await everythingIn(namespace), before);
  });

  test('that is deleted while the restore stages is not parked: what was staged goes', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    await namespace.knob({ provisionHang: true });
    const restore = start(namespace, 'restore', ...snapshots, '--yes');
    await stagingClaim(namespace, restore);
    const volume = await deleteVolume(namespace);
    await namespace.knob({});
    const failed = await restore.finished;
    assertFailed(failed, `volume ${volume} is being deleted`, 'What was staged has been removed');
    assert.equal(await volumeOf(namespace), volume);
    assert.equal(await namespace.read(name, 'data'), `${name}: after`);
  });

  test('that is deleted before the swap is not parked: its claim stays', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await interruptedAt(namespace, entering('restore', 'swap'), 'restore', ...snapshots);
    const [{ metadata } = { metadata: { name: '' } }] = (await volumesOf(namespace)).filter(
      ({ metadata: { labels } }) => labels?.['pvsnap.io/role'] === 'parked',
    );
    await namespace.kubectl('delete', 'pv', metadata.name, '--wait=false');
    const failed = await pvsnap(namespace, 'resume', restore, '--yes');
    assertFailed(failed, metadata.name, 'deleting the claim could delete the data', `undo ${restore}`);
    await succeed(namespace, 'undo', restore);
    assert.equal(await namespace.read(name, 'data'), `${name}: after`);
  });

  test('that is being deleted is not parked by an undo either', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await succeed(namespace, 'restore', ...snapshots);
    const present = await list<V1PersistentVolumeClaim>(namespace, 'PersistentVolumeClaim');
    const volume = present[0]?.spec?.volumeName ?? '';
    await namespace.kubectl('delete', 'pv', volume, '--wait=false');
    const before = await everythingIn(namespace);
    const refused = await pvsnap(namespace, 'undo', restore, '--yes');
    assertFailed(refused, `its volume ${volume} is being deleted`, 'nothing was changed');
    assert.deepEqual(await everythingIn(namespace), before);
  });

  test('that takes the place of one that was Retain is Retain, also after an interrupted restore and two undos', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const former = await volumeOf(namespace);
    await namespace.kubectl('patch', 'pv', former, '-p', '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}');
    const restore = await interruptedAt(namespace, entering('restore', 'settle'), 'restore', ...snapshots);
    const undo = await succeed(namespace, 'undo', restore);
    assert.equal((await marksIn(namespace))[former], 'none none Retain');
    await succeed(namespace, 'undo', undo);
    assert.equal((await marksIn(namespace))[await volumeOf(namespace)], 'none none Retain');
  });
});
