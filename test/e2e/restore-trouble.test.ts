/** What goes wrong in a `restore` once the workload is stopped: nothing is tidied up, and every byte is kept. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { V1PersistentVolumeClaim, V1StatefulSet } from '@kubernetes/client-node';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { claim } from '../cluster/objects.ts';
import { isBound } from '../cluster/states.ts';
import { waitUntil } from './kubectl.ts';
import { pvsnap, start } from './program.ts';
import { contentOf, makeClaims, openApp, takeSnapshots } from './restore-app.ts';
import {
  assertFailed,
  assertRestored,
  list,
  readVolume,
  recordsOf,
  stagingClaim,
  volumesOf,
} from './restore-checks.ts';

describe('after the stop', { concurrency: 2 }, () => {
  for (const end of ['the deadline', 'Ctrl-C'] as const) {
    test(`a pod that never ends, until ${end}`, async (t) => {
      const { namespace, snapshots } = await openApp(t);
      await hold(namespace, 'pod/db-0');
      const restore = start(
        namespace,
        'restore',
        ...snapshots,
        '--yes',
        ...(end === 'Ctrl-C' ? [] : ['--timeout=10s']),
      );
      await restore.says('db-0 is ending');
      if (end === 'Ctrl-C') restore.child.kill('SIGINT');

      const { code, stdout, stderr } = await restore.finished;

      assert.deepEqual({ code, stdout }, { code: end === 'Ctrl-C' ? 130 : 1, stdout: '' }, stderr);
      assert.match(
        stderr,
        end === 'Ctrl-C' ? /stopped in step stop/ : /the deadline \(--timeout\) passed in step stop/,
      );
      assert.match(stderr, /data-db-0: not swapped, .*former data\b.* pvc-\S+; restored data: pvc-/);
      await assertAllKept(namespace, 'after');
      await letGo(namespace, 'pod/db-0');

      // What the message says goes on to the end, or back to where it was.
      await follow(namespace, end === 'Ctrl-C' ? 'resume' : 'undo', stderr);
      if (end === 'Ctrl-C') {
        await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });
      } else {
        await assertRestored(namespace, { claims: { 'data-db-0': 'after' }, parked: [['data-db-0', 'before']] });
      }
      const [workload] = await list<V1StatefulSet>(namespace, 'StatefulSet');
      assert.equal(workload?.spec?.replicas, 1);
    });
  }

  test('Ctrl-C during the swap ends it after the swap, with the former data kept', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    await hold(namespace, 'pvc/data-db-0');
    const restore = start(namespace, 'restore', ...snapshots, '--yes');
    await namespace.waitFor(
      'PersistentVolumeClaim',
      'data-db-0',
      ({ metadata }) => metadata.deletionTimestamp !== undefined,
    );
    restore.child.kill('SIGINT');
    await letGo(namespace, 'pvc/data-db-0');

    const { code, stderr } = await restore.finished;

    assert.equal(code, 130, stderr);
    assert.match(stderr, /data-db-0: swapped; former data: pvc-\S+; restored data: pvc-/);
    await assertAllKept(namespace, 'before');

    await follow(namespace, 'undo', stderr);
    await assertRestored(namespace, { claims: { 'data-db-0': 'after' }, parked: [['data-db-0', 'before']] });
  });

  test('a claim that somebody else makes in between is a conflict', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    await namespace.knob({ provisionHang: true });
    const restore = start(namespace, 'restore', ...snapshots, '--yes');
    const staging = `pvc/${await stagingClaim(namespace, restore)}`;
    // The program waits for the end of the staging claim between the deletion of the claim and its creation.
    await hold(namespace, staging);
    await namespace.knob({});
    await namespace.waitForGone('PersistentVolumeClaim', 'data-db-0');
    await namespace.apply([claim('data-db-0')]);
    await namespace.waitFor('PersistentVolumeClaim', 'data-db-0', isBound);
    await letGo(namespace, staging);

    assertFailed(
      await restore.finished,
      'claim data-db-0 was made again by somebody else',
      "which isn't ours",
      'Nothing is lost',
    );

    await assert.rejects(namespace.read('data-db-0', 'data'), { code: 'ENOENT' });
    const kept = (await volumesOf(namespace)).filter(({ spec }) => spec?.persistentVolumeReclaimPolicy === 'Retain');
    const data = await Promise.all(kept.map((volume) => readVolume(namespace, volume)));
    assert.deepEqual(data.sort(), [contentOf('data-db-0', 'after'), contentOf('data-db-0', 'before')]);
  });

  test('somebody scales up while the last pod ends: it is stopped again', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    await hold(namespace, 'pod/db-0');
    const restore = start(namespace, 'restore', ...snapshots, '--yes', '--timeout=60s');
    await restore.says('db-0 is ending');
    await namespace.waitFor<V1StatefulSet>('StatefulSet', 'db', ({ status }) => status?.observedGeneration === 2);
    assert.equal((await namespace.kubectl('scale', 'statefulset/db', '--replicas=1')).code, 0);
    await letGo(namespace, 'pod/db-0');
    const { code, stderr } = await restore.finished;
    assert.equal(code, 0, stderr);
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });
  });

  test('somebody puts back a StatefulSet that deletes its claims while the last pod ends: they are kept', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const patch = JSON.stringify({
      spec: { replicas: 1, persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } },
    });
    const putBack = (): ReturnType<TestNamespace['kubectl']> =>
      namespace.kubectl('patch', 'statefulset/db', '--type=merge', '-p', patch);
    await putBack();
    await hold(namespace, 'pod/db-0');
    const restore = start(namespace, 'restore', ...snapshots, '--yes', '--strategy=replace', '--timeout=60s');
    await restore.says('db-0 is ending');
    await namespace.waitFor<V1StatefulSet>('StatefulSet', 'db', ({ spec }) => spec?.replicas === 0);
    assert.equal((await putBack()).code, 0);
    await namespace.waitFor<V1StatefulSet>('StatefulSet', 'db', ({ spec }) => spec?.replicas === 0);
    await letGo(namespace, 'pod/db-0');
    const { code, stderr } = await restore.finished;
    assert.equal(code, 0, stderr);
    assert.equal(await namespace.read('data-db-0', 'data'), contentOf('data-db-0', 'before'));
    const { spec } = await namespace.api.get<V1StatefulSet>('StatefulSet', 'db', namespace.name);
    assert.equal(spec?.persistentVolumeClaimRetentionPolicy?.whenScaled, 'Delete');
  });

  test('the swap waits until no VolumeAttachment holds the old volume', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const [volume] = await volumesOf(namespace);
    await attach(t, namespace, volume?.metadata.name ?? '');
    const { metadata: now } = await claimOf(namespace);
    const restore = start(namespace, 'restore', ...snapshots, '--yes');
    await restore.says(`volume ${volume?.metadata.name ?? ''} is still attached to node-a`);
    const { metadata: still } = await claimOf(namespace);
    assert.deepEqual([still?.uid, still?.deletionTimestamp], [now?.uid, undefined]);
    await namespace.kubectl('delete', 'volumeattachment', namespace.name);
    const { code, stderr } = await restore.finished;
    assert.equal(code, 0, stderr);
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });
  });

  test('a workload that does not start again', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    await namespace.kubectl('create', 'quota', 'none', '--hard=pods=0');
    await waitUntil(namespace, 'quota/none', '--for=jsonpath={.status.hard.pods}=0');
    const failed = await pvsnap(namespace, 'restore', ...snapshots, '--yes', '--timeout=10s');
    assertFailed(
      failed,
      'did not get ready before the deadline (--timeout): db 0/1; db: Create Pod db-0',
      'exceeded quota: none',
    );
    assertFailed(failed, 'data-db-0: swapped; former data: pvc-');
    await assertAllKept(namespace, 'before', 1);

    await namespace.kubectl('delete', 'quota', 'none');
    await follow(namespace, 'resume', failed.stderr);
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });
  });

  test('a claim made by somebody else while it is staged is not deleted', async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['data']);
    const snapshots = await takeSnapshots(namespace, ['data']);
    await namespace.kubectl('annotate', 'vs/of-data', `pvsnap.io/claim=${JSON.stringify(claim('data'))}`);
    await namespace.kubectl('delete', 'pvc/data');
    await namespace.knob({ provisionHang: true });
    const restore = start(namespace, 'restore', ...snapshots, '--yes');
    await stagingClaim(namespace, restore);
    await namespace.apply([claim('data', { storageClass: 'zonal' })]);
    const { metadata } = await namespace.api.get<V1PersistentVolumeClaim>(
      'PersistentVolumeClaim',
      'data',
      namespace.name,
    );
    await namespace.knob({});
    assertFailed(await restore.finished, 'claim data was made again by somebody else', 'Nothing is lost');
    const still = await namespace.api.get<V1PersistentVolumeClaim>('PersistentVolumeClaim', 'data', namespace.name);
    assert.deepEqual([still.metadata?.uid, still.metadata?.deletionTimestamp], [metadata?.uid, undefined]);
  });
});

/** Does what the message of a restore says. */
async function follow(namespace: TestNamespace, verb: 'resume' | 'undo', stderr: string): Promise<void> {
  const [, words = ''] = new RegExp(`^  kubectl pvsnap (${verb} \\S+) -n ${namespace.name} `, 'm').exec(stderr) ?? [];
  const { code, stderr: said } = await pvsnap(namespace, ...words.split(' '), '--yes');
  assert.equal(code, 0, `${stderr}\n${words}\n${said}`);
}

function claimOf({ api, name }: TestNamespace): Promise<V1PersistentVolumeClaim> {
  return api.get<V1PersistentVolumeClaim>('PersistentVolumeClaim', 'data-db-0', name);
}

/** Stopped in the middle: both volumes kept with their data, the workload at 0, the record failed, the Lease gone. */
async function assertAllKept(namespace: TestNamespace, inClaim: string, replicas = 0): Promise<void> {
  assert.equal(await namespace.read('data-db-0', 'data'), contentOf('data-db-0', inClaim));
  const volumes = await volumesOf(namespace);
  const told = volumes.map(async (volume) => {
    const role = volume.metadata.labels?.['pvsnap.io/role'] ?? '';
    return [role, volume.spec?.persistentVolumeReclaimPolicy, await readVolume(namespace, volume)];
  });
  assert.deepEqual((await Promise.all(told)).sort(), [
    ['parked', 'Retain', contentOf('data-db-0', 'after')],
    ['staged', 'Retain', contentOf('data-db-0', 'before')],
  ]);
  const [workload] = await list<V1StatefulSet>(namespace, 'StatefulSet');
  assert.equal(workload?.spec?.replicas, replicas);
  const [record] = await recordsOf(namespace);
  assert.equal(record?.data?.phase, 'failed');
  assert.deepEqual(await list(namespace, 'Lease'), []);
}

/** Keeps an object from going when it is deleted. */
async function hold(namespace: TestNamespace, object: string): Promise<void> {
  const patch = JSON.stringify({ metadata: { finalizers: ['test.pvsnap.io/hold'] } });
  const { code, stderr } = await namespace.kubectl('patch', object, '--type=merge', '-p', patch);
  assert.equal(code, 0, stderr);
}

async function letGo(namespace: TestNamespace, object: string): Promise<void> {
  await namespace.kubectl('patch', object, '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
}

/** Says that the volume is attached to a node, as the attacher would. */
async function attach(t: TestContext, namespace: TestNamespace, persistentVolumeName: string): Promise<void> {
  const file = join(namespace.cluster.directory, `${namespace.name}.json`);
  const attachment = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    metadata: { name: namespace.name },
    spec: { attacher: 'test', nodeName: 'node-a', source: { persistentVolumeName } },
  };
  await writeFile(file, JSON.stringify(attachment));
  const { code, stderr } = await namespace.kubectl('create', '-f', file);
  assert.equal(code, 0, stderr);
  t.after(() => namespace.kubectl('delete', 'volumeattachment', namespace.name, '--ignore-not-found'));
}
