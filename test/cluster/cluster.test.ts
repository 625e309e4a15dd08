/** What tests of the product take for granted about the control plane that they run on. */
import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { describe, test } from 'node:test';
import type { V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node';
import { openNamespace, type TestNamespace } from './namespace.ts';
import { claim, pod, snapshot, statefulSet } from './objects.ts';
import { isBound, isReady, isRolledOut, isRunning, type SnapshotState } from './states.ts';

describe('cluster', { concurrency: true }, () => {
  for (const storageClass of ['fast', 'zonal'] as const) {
    test(`a pod with a claim of class ${storageClass} runs, and goes when deleted`, async (t) => {
      const namespace = await openNamespace(t);
      await namespace.apply([claim('data', { storageClass }), pod('main', ['data'])]);
      await namespace.waitFor('Pod', 'main', isRunning);
      await namespace.waitFor('PersistentVolumeClaim', 'data', isBound);
      await namespace.api.delete('Pod', 'main', namespace.name);
      await namespace.waitForGone('Pod', 'main');
    });
  }

  test('a claim of class zonal waits for a pod', async (t) => {
    const namespace = await openNamespace(t);
    await namespace.apply([claim('data', { storageClass: 'zonal' })]);
    await namespace.waitForEvent('data', 'WaitForFirstConsumer');
  });

  test('a StatefulSet of three is spread over two zones, each pod where its volume is', async (t) => {
    const namespace = await openNamespace(t);
    await namespace.apply([statefulSet('es-kafka', { storageClass: 'zonal' })]);
    await namespace.waitFor('StatefulSet', 'es-kafka', isRolledOut);
    const pods = await Promise.all(
      [0, 1, 2].map((ordinal) => namespace.api.get<V1Pod>('Pod', `es-kafka-${ordinal}`, namespace.name)),
    );
    assert.deepEqual(new Set(pods.map(({ spec }) => spec?.nodeName)), new Set(['node-a', 'node-b']));
  });

  test('a claim from a snapshot holds the bytes of the moment when it was taken', async (t) => {
    const namespace = await openNamespace(t);
    await openClaim(namespace, 'data', 'before');
    await namespace.apply([snapshot('one', 'data')]);
    await namespace.waitFor('VolumeSnapshot', 'one', isReady);
    await namespace.write('data', 'file', 'after');
    await namespace.apply([claim('restored', { snapshot: 'one', size: '2Gi' })]);
    await namespace.waitFor('PersistentVolumeClaim', 'restored', isBound);
    assert.equal(await namespace.read('restored', 'file'), 'before');
    assert.equal(await namespace.read('data', 'file'), 'after');
  });

  test("a claim below its snapshot's size is not provisioned", async (t) => {
    const namespace = await openNamespace(t);
    await namespace.apply([claim('data', { size: '2Gi' })]);
    await namespace.waitFor('PersistentVolumeClaim', 'data', isBound);
    await namespace.apply([snapshot('one', 'data')]);
    await namespace.waitFor('VolumeSnapshot', 'one', isReady);
    await namespace.apply([claim('small', { snapshot: 'one', size: '1Gi' })]);
    const { message } = await namespace.waitForEvent('small', 'ProvisioningFailed');
    assert.match(message ?? '', /less than the size/);
  });

  test('a group snapshot takes the claims that it selects', async (t) => {
    const namespace = await openNamespace(t);
    const labels = { app: 'es' };
    await namespace.apply([claim('a', { labels }), claim('b', { labels }), claim('other')]);
    await Promise.all(['a', 'b', 'other'].map((name) => namespace.waitFor('PersistentVolumeClaim', name, isBound)));
    await namespace.apply([groupSnapshot('group', labels)]);
    await namespace.waitFor('VolumeGroupSnapshot', 'group', isReady);
    const member = '{range .items[*]}{.spec.source.persistentVolumeClaimName} {.status.readyToUse}{"\\n"}{end}';
    const { stdout } = await namespace.kubectl('get', 'volumesnapshots', `-o=jsonpath=${member}`);
    assert.deepEqual(stdout.trimEnd().split('\n').sort(), ['a true', 'b true']);
  });
});

describe('knobs of the CSI driver', { concurrency: true }, () => {
  test('a snapshot is cut at once and ready later', async (t) => {
    const namespace = await openNamespace(t);
    await openClaim(namespace, 'data', 'before');
    await namespace.knob({ snapshotReadyDelayMs: 3_600_000 });
    await namespace.apply([snapshot('one', 'data')]);
    await namespace.waitFor<SnapshotState>('VolumeSnapshot', 'one', ({ status }) => status?.creationTime !== undefined);
    const { status } = await namespace.api.get<SnapshotState>('VolumeSnapshot', 'one', namespace.name);
    assert.equal(status?.readyToUse, false);
    await namespace.knob({});
    await namespace.waitFor('VolumeSnapshot', 'one', isReady);
  });

  test('a failing snapshot says why, and is made when the cause is gone', async (t) => {
    const namespace = await openNamespace(t);
    await openClaim(namespace, 'data', 'before');
    await namespace.knob({ snapshotFailure: { code: 'RESOURCE_EXHAUSTED', message: 'no space left in pool' } });
    await namespace.apply([snapshot('one', 'data')]);
    await namespace.waitFor<SnapshotState>('VolumeSnapshot', 'one', ({ status }) =>
      (status?.error?.message ?? '').includes('no space left in pool'),
    );
    await namespace.knob({});
    await namespace.waitFor('VolumeSnapshot', 'one', isReady);
  });

  test('a hanging snapshot of one claim holds up no other', async (t) => {
    const namespace = await openNamespace(t);
    await openClaim(namespace, 'stuck', 'x');
    await openClaim(namespace, 'data', 'x');
    await namespace.knob({ snapshotHang: true }, 'stuck');
    await namespace.apply([snapshot('stuck', 'stuck'), snapshot('one', 'data')]);
    await namespace.waitFor('VolumeSnapshot', 'one', isReady);
    const { status } = await namespace.api.get<SnapshotState>('VolumeSnapshot', 'stuck', namespace.name);
    assert.notEqual(status?.readyToUse, true);
    await namespace.knob({}, 'stuck');
    await namespace.waitFor('VolumeSnapshot', 'stuck', isReady);
  });

  test('provisioning takes as long as told', async (t) => {
    const namespace = await openNamespace(t);
    await namespace.knob({ provisionDelayMs: 1000 });
    const beginMs = Date.now();
    await openClaim(namespace, 'data', 'x');
    assert.ok(Date.now() - beginMs >= 1000);
  });

  test('provisioning fails as often as told', async (t) => {
    const namespace = await openNamespace(t);
    await namespace.knob({ provisionFailure: { code: 'INTERNAL', message: 'pool is degraded', times: 1 } });
    await namespace.apply([claim('data')]);
    const { message } = await namespace.waitForEvent('data', 'ProvisioningFailed');
    assert.match(message ?? '', /pool is degraded/);
    await namespace.waitFor('PersistentVolumeClaim', 'data', isBound);
  });

  test('provisioning hangs until told otherwise', async (t) => {
    const namespace = await openNamespace(t);
    await namespace.knob({ provisionHang: true }, 'stuck');
    await namespace.apply([claim('stuck'), claim('data')]);
    await namespace.waitFor('PersistentVolumeClaim', 'data', isBound);
    await namespace.waitForEvent('stuck', 'Provisioning');
    await namespace.knob({}, 'stuck');
    await namespace.waitFor('PersistentVolumeClaim', 'stuck', isBound);
  });

  test('a volume that the storage keeps stays when its claim goes', async (t) => {
    const namespace = await openNamespace(t);
    await openClaim(namespace, 'data', 'x');
    const directory = await namespace.claimDirectory('data');
    await namespace.knob({ deleteVolumeFailure: { code: 'FAILED_PRECONDITION', message: 'volume has clones' } });
    const { spec } = await namespace.api.get<V1PersistentVolumeClaim>('PersistentVolumeClaim', 'data', namespace.name);
    const volume = spec?.volumeName ?? '';
    await namespace.api.delete('PersistentVolumeClaim', 'data', namespace.name);
    await namespace.waitForEvent(volume, 'VolumeFailedDelete');
    await access(directory);
    await namespace.knob({});
    await namespace.waitForGone('PersistentVolume', volume);
    await assert.rejects(access(directory), { code: 'ENOENT' });
  });
});

async function openClaim(namespace: TestNamespace, name: string, text: string): Promise<void> {
  await namespace.apply([claim(name)]);
  await namespace.waitFor('PersistentVolumeClaim', name, isBound);
  await namespace.write(name, 'file', text);
}

function groupSnapshot(
  name: string,
  matchLabels: Record<string, string>,
): Parameters<TestNamespace['apply']>[0][number] {
  return {
    apiVersion: 'groupsnapshot.storage.k8s.io/v1',
    kind: 'VolumeGroupSnapshot',
    metadata: { name },
    spec: { source: { selector: { matchLabels } } },
  };
}
