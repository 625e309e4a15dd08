/** What a binder that is behind leaves: claims not bound yet, volumes still Bound. On a cluster of its own: its binder stands still. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { V1PersistentVolume } from '@kubernetes/client-node';
import type { KubeObject } from '../cluster/api.ts';
import { FACTS_VARIABLE, factsPath } from '../cluster/facts.ts';
import type { TestNamespace } from '../cluster/namespace.ts';
import type { Cluster } from '../cluster/start.ts';
import { startCluster } from '../cluster/start.ts';
import { pauseComponent } from '../cluster/supervise.ts';
import { entering, interruptedAt, marksIn, replicasOf, succeed } from './interrupted.ts';
import { pvsnap } from './program.ts';
import { openApp } from './restore-app.ts';
import { assertFailed, assertRestored, parkedIn, volumesOf } from './restore-checks.ts';

/** As the swap would have made it. @returns the volume that it names */
async function makeClaim(namespace: TestNamespace): Promise<string> {
  const volumes = await volumesOf(namespace);
  const staged = volumes.find(({ metadata }) => metadata.labels?.['pvsnap.io/role'] === 'staged');
  const manifest = JSON.parse(staged?.metadata.annotations?.['pvsnap.io/claim'] ?? '') as KubeObject & { spec: object };
  const volumeName = staged?.metadata.name ?? '';
  await namespace.apply([{ ...manifest, spec: { ...manifest.spec, volumeName } }]);
  return volumeName;
}

/** As it reads where the binder has not looked at it since its claim went. */
async function callBound(namespace: TestNamespace, volume: string): Promise<void> {
  const patch = '{"status":{"phase":"Bound"}}';
  await namespace.kubectl('patch', 'pv', volume, '--subresource=status', '--type=merge', '-p', patch);
}

function isGivenUp({ spec }: V1PersistentVolume): boolean {
  return spec?.persistentVolumeReclaimPolicy === 'Delete';
}

describe('a binder that is behind', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster();
    process.env[FACTS_VARIABLE] = factsPath(cluster.directory);
  });
  after(async () => {
    await cluster.stop();
  });

  for (const way of ['resume', 'undo'] as const) {
    test(`a claim that is not bound yet, and an undo that is interrupted and taken back: ${way} leads to the end`, async (t) => {
      const { namespace, snapshots } = await openApp(t);
      const make = 'POST persistentvolumeclaims/data-db-0 #1';
      const restore = await interruptedAt(namespace, make, 'restore', ...snapshots);
      const letGo = await pauseComponent(cluster.directory, 'kube-controller-manager');
      try {
        const volume = await makeClaim(namespace);
        const kept = await marksIn(namespace);
        assert.equal(kept[volume], `${restore} staged Retain`);
        const undo = await interruptedAt(namespace, entering('undo', 'stop'), 'undo', restore);
        assert.equal((await marksIn(namespace))[volume], `${undo} parked Retain`);
        await letGo();
        const back = await pvsnap(namespace, 'undo', undo, '--yes');
        assert.equal(back.code, 0, back.stderr);
        assert.deepEqual(await marksIn(namespace), kept);
      } finally {
        await letGo();
      }
      await succeed(namespace, way, restore);
      const [now, parked] = way === 'resume' ? ['before', 'after'] : ['after', 'before'];
      await assertRestored(namespace, { claims: { 'data-db-0': now }, parked: [['data-db-0', parked]] });
      assert.equal(await replicasOf(namespace), 1);
    });
  }

  test('commit deletes a parked volume that is still called Bound, but none that a claim names', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await succeed(namespace, 'restore', ...snapshots);
    const [parked = assert.fail()] = await parkedIn(namespace);
    const { name } = parked.metadata;
    const letGo = await pauseComponent(cluster.directory, 'kube-controller-manager');
    try {
      await callBound(namespace, name);
      const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'taker' } };
      const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, volumeName: name };
      await namespace.apply([{ ...claim, spec }]);
      const refused = await pvsnap(namespace, 'commit', restore, '--yes');
      assertFailed(refused, `volume ${name} is in use`, 'it was left as it is');
      assert.equal((await parkedIn(namespace))[0]?.spec?.persistentVolumeReclaimPolicy, 'Retain');

      await namespace.kubectl('patch', 'pvc', 'taker', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
      await namespace.kubectl('delete', 'pvc', 'taker');
      const committed = pvsnap(namespace, 'commit', restore, '--yes');
      await namespace.waitFor('PersistentVolume', name, isGivenUp);
      await letGo();
      const { code, stderr } = await committed;
      assert.equal(code, 0, stderr);
    } finally {
      await letGo();
    }
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' } });
  });
});
