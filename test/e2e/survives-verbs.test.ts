/** Operations that are begun while another one is open: each keeps its hands off what the other needs. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { openNamespace } from '../cluster/namespace.ts';
import { entering, interruptedAt, marksIn, replicasOf, succeed } from './interrupted.ts';
import { pvsnap } from './program.ts';
import { fill, makeClaims, openApp, runStatefulSet, takeSnapshots } from './restore-app.ts';
import { assertFailed, assertRestored, everythingIn, list, recordsOf } from './restore-checks.ts';

describe('beside an open operation', { concurrency: 3 }, () => {
  test('undo deletes no new claims of --as-new that are finished', async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['data']);
    const snapshots = await takeSnapshots(namespace, ['data']);
    const last = 'DELETE configmaps/pvsnap-restore-x #1';
    const restore = await interruptedAt(namespace, last, 'restore', ...snapshots, '--as-new');
    const claims = await list<V1PersistentVolumeClaim>(namespace, 'PersistentVolumeClaim');
    const made = claims.map(({ metadata }) => metadata.name).find((name) => name !== 'data') ?? '';
    await fill(namespace, [made], 'work');
    const before = await everythingIn(namespace);
    assertFailed(await pvsnap(namespace, 'undo', '--yes'), 'there is no operation to undo');
    assertFailed(await pvsnap(namespace, 'undo', restore, '--yes'), made, 'may be in use', `resume ${restore}`);
    assert.deepEqual(await everythingIn(namespace), before);

    await succeed(namespace, 'resume', restore);
    await assertRestored(namespace, { claims: { data: 'after', [made]: 'work' } });
    assert.deepEqual(await recordsOf(namespace), []);
  });

  test('commit destroys nothing that an interrupted undo brings back', async (t) => {
    const namespace = await openNamespace(t);
    const claims = await runStatefulSet(namespace, 'db', { replicas: 2 });
    const restore = await succeed(namespace, 'restore', ...(await takeSnapshots(namespace, claims)));
    // The second of its volumes.
    const undo = await interruptedAt(namespace, 'PATCH persistentvolumes/(old) #2', 'undo', restore);
    const before = await marksIn(namespace);
    assert.deepEqual(Object.values(before).sort(), [
      'none none Delete',
      'none none Delete',
      `${restore} parked Retain`,
      `${undo} staged Retain`,
    ]);
    const old = await pvsnap(namespace, 'commit', '--older-than=1ms', '--yes');
    assert.deepEqual([old.code, old.stdout], [0, ''], old.stderr);
    const refused = await pvsnap(namespace, 'commit', restore, '--yes');
    assertFailed(refused, `${undo} has begun to undo it`, 'nothing was changed');
    assert.deepEqual(await marksIn(namespace), before);

    await succeed(namespace, 'resume', undo);
    await assertRestored(namespace, {
      claims: { 'data-db-0': 'after', 'data-db-1': 'after' },
      parked: claims.map((name) => [name, 'before']),
    });
  });

  for (const way of ['resume', 'undo'] as const) {
    test(`an undo that is taken back leaves an interrupted restore as it was, then ${way}`, async (t) => {
      const { namespace, snapshots } = await openApp(t);
      const restore = await interruptedAt(namespace, entering('restore', 'start'), 'restore', ...snapshots);
      const before = await marksIn(namespace);
      const undo = await interruptedAt(namespace, entering('undo', 'stop'), 'undo', restore);
      assert.notDeepEqual(await marksIn(namespace), before);
      const back = await pvsnap(namespace, 'undo', undo, '--yes');
      assert.equal(back.code, 0, back.stderr);
      assert.deepEqual(await marksIn(namespace), before);

      await succeed(namespace, way, restore);
      const [now, parked] = way === 'resume' ? ['before', 'after'] : ['after', 'before'];
      await assertRestored(namespace, { claims: { 'data-db-0': now }, parked: [['data-db-0', parked]] });
      assert.equal(await replicasOf(namespace), 1);
    });
  }

  test('a second undo of the same restore waits for the first, though that had not said so yet', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await succeed(namespace, 'restore', ...snapshots);
    const before = await marksIn(namespace);
    const first = await interruptedAt(namespace, 'PATCH configmaps/pvsnap-restore-x #1', 'undo', restore);
    const refused = await pvsnap(namespace, 'undo', restore, '--yes');
    assertFailed(refused, first, 'interrupted in step retain', 'nothing was changed');
    const back = await pvsnap(namespace, 'undo', first, '--yes');
    assert.equal(back.code, 0, back.stderr);
    assert.deepEqual(await marksIn(namespace), before);
    await succeed(namespace, 'undo', restore);
    await assertRestored(namespace, { claims: { 'data-db-0': 'after' }, parked: [['data-db-0', 'before']] });
  });

  test('undo of an interrupted undo of an interrupted restore leaves one record, which can be committed', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await interruptedAt(namespace, entering('restore', 'start'), 'restore', ...snapshots);
    const undo = await interruptedAt(namespace, entering('undo', 'swap'), 'undo', restore);
    const redo = await succeed(namespace, 'undo', undo);
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });
    assert.equal(await replicasOf(namespace), 1);
    const names = (await recordsOf(namespace)).map(({ metadata }) => metadata?.name);
    assert.deepEqual(names, [`pvsnap-${redo}`]);
    await succeed(namespace, 'commit', redo);
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' } });
    assert.deepEqual(await recordsOf(namespace), []);
  });

  test('undo and commit of an older restore wait for the newer one', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const older = await succeed(namespace, 'restore', ...snapshots);
    const newer = await interruptedAt(namespace, entering('restore', 'swap'), 'restore', ...snapshots);
    const before = await everythingIn(namespace);
    for (const verb of ['undo', 'commit']) {
      const refused = await pvsnap(namespace, verb, older, '--yes');
      assertFailed(refused, newer, 'interrupted in step stop', `resume ${newer}`, 'nothing was changed');
    }
    assert.deepEqual(await everythingIn(namespace), before);

    await succeed(namespace, 'resume', newer);
    await assertRestored(namespace, {
      claims: { 'data-db-0': 'before' },
      parked: [
        ['data-db-0', 'after'],
        ['data-db-0', 'before'],
      ],
    });
    assert.equal(await replicasOf(namespace), 1);
  });

  test('undo does not take a volume that a commit has given up', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await succeed(namespace, 'restore', ...snapshots);
    await namespace.knob({ deleteVolumeFailure: { code: 'FAILED_PRECONDITION', message: 'volume has clones' } });
    assertFailed(
      await pvsnap(namespace, 'commit', restore, '--yes', '--timeout=10s'),
      'the deadline (--timeout) passed',
    );
    const before = await marksIn(namespace);
    assertFailed(await pvsnap(namespace, 'undo', restore, '--yes'), 'a commit of it has begun', `commit ${restore}`);
    const byMarks = await pvsnap(namespace, 'undo', restore, '--from-parked', '--yes');
    assertFailed(byMarks, 'has been given up by a commit', 'nothing was changed');
    assert.deepEqual(await marksIn(namespace), before);
    assert.match(await namespace.read('data-db-0', 'data'), /before$/);

    const [parked = ''] = Object.entries(before).find(([, mark]) => mark.includes(restore)) ?? [];
    await namespace.knob({});
    // Else it may go between the plan and the look right before the deletion, which refuses whatever has changed.
    await namespace.waitForGone('PersistentVolume', parked);
    await succeed(namespace, 'commit', restore);
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' } });
  });
});
