/** What people do to a workload and its claims while an operation is interrupted: both ways out are still there. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { statefulSet } from '../cluster/objects.ts';
import { isBound, isRolledOut } from '../cluster/states.ts';
import { entering, interruptedAt, marksIn, replicasOf, succeed } from './interrupted.ts';
import { pvsnap } from './program.ts';
import { fill, makeClaims, openApp, takeSnapshots } from './restore-app.ts';
import { assertFailed, assertRestored, assertTakenBack, everythingIn } from './restore-checks.ts';

const ways = {
  resume: { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] },
  undo: { claims: { 'data-db-0': 'after' }, parked: [['data-db-0', 'before']] },
} satisfies Record<string, Parameters<typeof assertRestored>[1]>;

/** The claim is deleted, and the StatefulSet makes an empty one, into which the text EMPTY comes. */
async function replaceClaim(namespace: TestNamespace): Promise<void> {
  await namespace.kubectl('scale', 'statefulset/db', '--replicas=0');
  await namespace.kubectl('delete', 'pvc/data-db-0', '--wait');
  await namespace.kubectl('scale', 'statefulset/db', '--replicas=1');
  await namespace.waitFor('PersistentVolumeClaim', 'data-db-0', isBound);
  await fill(namespace, ['data-db-0'], 'EMPTY');
  await namespace.waitFor('StatefulSet', 'db', isRolledOut);
}

describe('an interrupted restore survives that', { concurrency: 2 }, () => {
  for (const way of ['resume', 'undo'] as const) {
    test(`its workload is deleted, then ${way}`, async (t) => {
      const { namespace, snapshots } = await openApp(t);
      const restore = await interruptedAt(namespace, entering('restore', 'swap'), 'restore', ...snapshots);
      await namespace.kubectl('delete', 'statefulset/db', '--wait');
      const { code, stderr } = await pvsnap(namespace, way, restore, '--yes');
      assert.equal(code, 0, stderr);
      assert.match(stderr, /statefulset\/db had been stopped and is gone since/);
      await assertRestored(namespace, ways[way]);
    });

    test(`its workload is made again, then ${way}`, async (t) => {
      const { namespace, snapshots } = await openApp(t);
      const restore = await interruptedAt(namespace, entering('restore', 'swap'), 'restore', ...snapshots);
      await namespace.kubectl('delete', 'statefulset/db', '--wait');
      await namespace.apply([statefulSet('db', { replicas: 1 })]);
      await namespace.waitFor('StatefulSet', 'db', isRolledOut);
      await succeed(namespace, way, restore);
      await assertRestored(namespace, ways[way]);
      assert.equal(await replicasOf(namespace), 1);
    });
  }

  test('its claim is replaced by an empty one before the last step: resume and commit refuse, undo keeps all', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await interruptedAt(namespace, entering('restore', 'settle'), 'restore', ...snapshots);
    await replaceClaim(namespace);
    const before = await marksIn(namespace);
    const resumed = await pvsnap(namespace, 'resume', restore, '--yes');
    assertFailed(resumed, 'claim data-db-0 is not the one that was swapped in any more', `undo ${restore}`);
    assertFailed(await pvsnap(namespace, 'commit', restore, '--yes'), "can't be committed; nothing was changed");
    assert.deepEqual(await marksIn(namespace), before);
    await succeed(namespace, 'undo', restore);
    await assertRestored(namespace, {
      claims: { 'data-db-0': 'after' },
      parked: [
        ['data-db-0', 'EMPTY'],
        ['data-db-0', 'before'],
      ],
    });
  });

  test('its claim is replaced by an empty one: undo parks both others, and its undo brings the restored data', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await interruptedAt(namespace, entering('restore', 'swap'), 'restore', ...snapshots);
    await replaceClaim(namespace);
    const refused = await pvsnap(namespace, 'resume', restore, '--yes');
    assertFailed(refused, 'data-db-0', 'was made again by somebody else', 'nothing was changed');
    const undo = await succeed(namespace, 'undo', restore);
    await assertRestored(namespace, {
      claims: { 'data-db-0': 'after' },
      parked: [
        ['data-db-0', 'EMPTY'],
        ['data-db-0', 'before'],
      ],
    });
    const redo = await succeed(namespace, 'undo', undo);
    await assertRestored(namespace, {
      claims: { 'data-db-0': 'before' },
      parked: [
        ['data-db-0', 'EMPTY'],
        ['data-db-0', 'after'],
      ],
    });
    const kept = Object.values(await marksIn(namespace)).filter((marks) => marks.includes('parked'));
    assert.deepEqual(kept, [`${redo} parked Retain`, `${redo} parked Retain`]);
    // What the claim had before, and not what somebody had made once.
    await succeed(namespace, 'undo', redo);
    await assertRestored(namespace, {
      claims: { 'data-db-0': 'after' },
      parked: [
        ['data-db-0', 'EMPTY'],
        ['data-db-0', 'before'],
      ],
    });
  });

  test('its staging claim is deleted: undo removes the copy too, and nothing else is touched', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const before = await everythingIn(namespace);
    const restore = await interruptedAt(namespace, 'PATCH persistentvolumes/(old) #1', 'restore', ...snapshots);
    assert.ok(Object.values(await marksIn(namespace)).includes(`${restore} staged Retain`));
    await namespace.kubectl('delete', 'pvc', '--selector=pvsnap.io/operation', '--wait');
    await succeed(namespace, 'undo', restore);
    await assertTakenBack(namespace, before);
    assertFailed(await pvsnap(namespace, 'undo', restore, '--yes'), 'nothing of it is parked');
  });

  test('its record is deleted, and there was no such claim before: undo parks what it made', async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['data', 'other']);
    const { code, stderr } = await pvsnap(namespace, 'create', 'pvc/data', '--name=one');
    assert.equal(code, 0, stderr);
    const written = takeSnapshots(namespace, ['other']);
    await Promise.all([written, namespace.kubectl('delete', 'pvc/data', '--wait')]);
    const restore = await interruptedAt(namespace, entering('restore', 'settle'), 'restore', 'one');
    await namespace.kubectl('delete', `configmap/pvsnap-${restore}`);
    await succeed(namespace, 'undo', restore);
    await assertRestored(namespace, { claims: { other: 'after' }, parked: [['data', 'before']] });
  });
});

test('undo asks the server for the claims to come before it stops or deletes anything', async (t) => {
  const { namespace, snapshots } = await openApp(t);
  const restore = await succeed(namespace, 'restore', ...snapshots);
  const limits = [{ type: 'PersistentVolumeClaim', max: { storage: '500Mi' } }];
  await namespace.apply([{ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'small' }, spec: { limits } }]);
  const before = await everythingIn(namespace);
  const refused = await pvsnap(namespace, 'undo', restore, '--yes');
  assertFailed(refused, 'data-db-0', 'maximum storage usage', 'nothing was changed');
  assert.deepEqual(await everythingIn(namespace), before);
  await namespace.kubectl('delete', 'limitrange/small');
  await succeed(namespace, 'undo', restore);
  await assertRestored(namespace, ways.undo);
});
