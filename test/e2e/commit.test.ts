/** `commit`: parked volumes are deleted, once that can be no loss; nothing else is. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestNamespace } from '../cluster/namespace.ts';
import { waitUntil } from './kubectl.ts';
import { pvsnap } from './program.ts';
import { openApp } from './restore-app.ts';
import { assertFailed, assertRestored, list, parkedIn, volumesOf } from './restore-checks.ts';

async function restored(namespace: TestNamespace, snapshots: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await pvsnap(namespace, 'restore', ...snapshots, '--yes', '-oname');
  assert.equal(code, 0, stderr);
  return stdout.trim().replace('operation/', '');
}

describe('commit', { concurrency: 3 }, () => {
  test('deletes what was parked, and says what before it does', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await restored(namespace, snapshots);
    const [parked] = await parkedIn(namespace);

    const shown = await pvsnap(namespace, 'commit', restore, '--dry-run=client');
    assert.ok(shown.stdout.includes(parked?.metadata.name ?? ''), shown.stdout);
    assert.match(shown.stdout, /1 volume \(1Gi\) will be destroyed/);
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });

    const { code, stdout, stderr } = await pvsnap(namespace, 'commit', restore, '--yes');
    assert.deepEqual([code, stdout], [0, `operation/${restore} committed\n`], stderr);
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' } });
    assertFailed(await pvsnap(namespace, 'undo', restore, '--yes'), 'nothing of it is parked');
  });

  test('keeps a volume that was Retain before, and names it', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const [volume] = await volumesOf(namespace);
    const name = volume?.metadata.name ?? '';
    await namespace.kubectl('patch', 'pv', name, '-p', '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}');
    const restore = await restored(namespace, snapshots);

    const { code, stderr } = await pvsnap(namespace, 'commit', restore, '--yes');
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`keep .*${name}`, 's'));
    const kept = (await volumesOf(namespace)).find(({ metadata }) => metadata.name === name);
    assert.equal(kept?.spec?.persistentVolumeReclaimPolicy, 'Retain');
    assert.equal(kept.metadata.labels?.['pvsnap.io/role'], undefined);
  });

  test('refuses while the workload is down, and while the claim has no other volume', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await restored(namespace, snapshots);
    await namespace.kubectl('scale', 'statefulset/db', '--replicas=0');
    assertFailed(await pvsnap(namespace, 'commit', restore, '--yes'), 'statefulset/db', 'is stopped (0 replicas)');

    await waitUntil(namespace, 'pod/db-0', '--for=delete');
    await namespace.kubectl('delete', 'pvc', 'data-db-0', '--wait');
    const failed = await pvsnap(namespace, 'commit', restore, '--yes');
    assertFailed(failed, 'data-db-0', 'may be the only copy of its data', 'undo --from-parked');
    assert.equal((await parkedIn(namespace)).length, 1);
  });

  test('waits until a volume is detached, and a deadline deletes nothing', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await restored(namespace, snapshots);
    const [parked] = await parkedIn(namespace);
    const attachment = `held-${namespace.name}`;
    await namespace.api.create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name: attachment },
      spec: { attacher: 'example.com', nodeName: 'node-a', source: { persistentVolumeName: parked?.metadata.name } },
    });
    t.after(() => namespace.kubectl('delete', 'volumeattachment', attachment, '--ignore-not-found'));
    const failed = await pvsnap(namespace, 'commit', restore, '--yes', '--timeout=8s');
    assertFailed(failed, 'still attached to node-a', 'the deadline (--timeout) passed', `commit ${restore}`);
    assert.equal((await list(namespace, 'Lease')).length, 0);

    await namespace.kubectl('delete', 'volumeattachment', attachment);
    const { code, stderr } = await pvsnap(namespace, 'commit', '--yes');
    assert.equal(code, 0, stderr);
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' } });
  });

  test('--older-than takes those that ended longer ago, and no other', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await restored(namespace, snapshots);
    const none = await pvsnap(namespace, 'commit', '--older-than=7d', '--yes');
    assert.equal(none.code, 0, none.stderr);
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });

    const eightDaysAgo = new Date(Date.now() - 8 * 24 * 3_600_000).toISOString();
    const patch = JSON.stringify({ data: { changedAt: eightDaysAgo } });
    await namespace.kubectl('patch', 'configmap', `pvsnap-${restore}`, '--type=merge', '-p', patch);
    const old = await pvsnap(namespace, 'commit', '--older-than=7d', '--yes');
    assert.deepEqual([old.code, old.stdout], [0, `operation/${restore} committed\n`], old.stderr);
    assert.equal((await pvsnap(namespace, 'commit', '--older-than=never', '--yes')).code, 2);
  });
});
