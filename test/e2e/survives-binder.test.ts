/** A claim that was made and is not bound yet when all is interrupted. On a cluster of its own: its binder stands still. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { KubeObject } from '../cluster/api.ts';
import { FACTS_VARIABLE, factsPath } from '../cluster/facts.ts';
import type { TestNamespace } from '../cluster/namespace.ts';
import type { Cluster } from '../cluster/start.ts';
import { startCluster } from '../cluster/start.ts';
import { pauseComponent } from '../cluster/supervise.ts';
import { entering, interruptedAt, marksIn, replicasOf, succeed } from './interrupted.ts';
import { pvsnap } from './program.ts';
import { openApp } from './restore-app.ts';
import { assertRestored, volumesOf } from './restore-checks.ts';

/** As the swap would have made it. @returns the volume that it names */
async function makeClaim(namespace: TestNamespace): Promise<string> {
  const volumes = await volumesOf(namespace);
  const staged = volumes.find(({ metadata }) => metadata.labels?.['pvsnap.io/role'] === 'staged');
  const manifest = JSON.parse(staged?.metadata.annotations?.['pvsnap.io/claim'] ?? '') as KubeObject & { spec: object };
  const volumeName = staged?.metadata.name ?? '';
  await namespace.apply([{ ...manifest, spec: { ...manifest.spec, volumeName } }]);
  return volumeName;
}

describe('a claim that is not bound yet', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster();
    process.env[FACTS_VARIABLE] = factsPath(cluster.directory);
  });
  after(async () => {
    await cluster.stop();
  });

  for (const way of ['resume', 'undo'] as const) {
    test(`and an undo that is interrupted and taken back: ${way} leads to the end`, async (t) => {
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
});
