/** Records that somebody else wrote: who may write ConfigMaps in a namespace gets no more than that. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '../cluster/api.ts';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { succeed } from './interrupted.ts';
import { pvsnap } from './program.ts';
import { openApp, takeSet } from './restore-app.ts';
import { assertFailed, assertRestored, everythingIn, list, parkedIn } from './restore-checks.ts';

function writeRecord(namespace: TestNamespace, operation: string, plan: object): Promise<void> {
  const record = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `pvsnap-${operation}`, labels: { 'pvsnap.io/operation': operation } },
    data: { plan: JSON.stringify({ operation, namespace: namespace.name, ...plan }), phase: 'retain', step: 'retain' },
  };
  return namespace.apply([record]);
}

describe('a forged record', { concurrency: 2 }, () => {
  for (const verb of ['resume', 'undo'] as const) {
    test(`${verb} of one that names a volume parked in another namespace touches nothing of that namespace`, async (t) => {
      const { namespace: victim, snapshots } = await openApp(t);
      const restore = await succeed(victim, 'restore', ...snapshots);
      const [parked] = await parkedIn(victim);
      const manifest = JSON.parse(parked?.metadata.annotations?.['pvsnap.io/claim'] ?? '') as KubeObject;
      const forger = await openNamespace(t);
      // To be resumed it has a name of its own; to be taken back, the name of the operation that keeps the volume.
      const operation = verb === 'resume' ? 'undo-evil2' : restore;
      const metadata = { ...manifest.metadata, namespace: forger.name };
      metadata.annotations = { ...metadata.annotations, 'pvsnap.io/operation': operation };
      const coming = { volume: parked?.metadata.name, manifest: { ...manifest, metadata }, sizeBytes: 1 };
      await writeRecord(forger, operation, {
        kind: 'undo',
        undoes: verb === 'resume' ? restore : 'undo-evil2',
        workloads: [],
        notes: [],
        steps: ['retain', 'stop', 'swap', 'settle'],
        members: [{ claim: 'data-db-0', coming, asides: [] }],
      });
      const before = await everythingIn(victim);

      const done = await pvsnap(forger, verb, operation, '--yes');
      if (verb === 'resume')
        assertFailed(done, `volume ${parked?.metadata.name ?? ''} is no longer kept by ${restore}`);
      else assert.equal(done.code, 0, done.stderr);
      assert.deepEqual(await everythingIn(victim), before);
      assert.deepEqual(await list(forger, 'PersistentVolumeClaim'), []);
      await succeed(victim, 'undo', restore);
      await assertRestored(victim, { claims: { 'data-db-0': 'after' }, parked: [['data-db-0', 'before']] });
    });
  }

  test('that names a set that somebody keeps as its safety set deletes none of its snapshots', async (t) => {
    const { namespace } = await openApp(t);
    await takeSet(namespace, 'keep', ['statefulset/db'], ['data-db-0']);
    const before = await everythingIn(namespace);
    const common = { workloads: [], notes: [], members: [] };
    const source = { name: 'keep' };
    const replacing = { kind: 'restore', strategy: 'replace', source, safetySet: 'keep', steps: ['stop', 'secure'] };
    await writeRecord(namespace, 'restore-aaaaa', { ...common, ...replacing });
    const discarding = { kind: 'undo', undoes: 'restore-aaaaa', discards: 'keep', steps: ['settle'] };
    await writeRecord(namespace, 'undo-bbbbb', { ...common, ...discarding });
    for (const operation of ['restore-aaaaa', 'undo-bbbbb']) {
      assertFailed(await pvsnap(namespace, 'resume', operation, '--yes'), operation, 'nothing was changed');
      await namespace.kubectl('delete', `configmap/pvsnap-${operation}`);
    }
    assert.deepEqual(await everythingIn(namespace), before);
  });

  test('that is no plan stops no verb of the namespace', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await succeed(namespace, 'restore', ...snapshots);
    const kind = 'restore';
    const steps = ['swap'];
    await writeRecord(namespace, 'restore-aaaaa', { kind, members: [null], workloads: [], notes: [], steps });
    await writeRecord(namespace, 'restore-bbbbb', { kind, members: [], workloads: [], notes: [], steps });
    await writeRecord(namespace, 'undo-ccccc', { kind: 'undo', undoes: restore, members: 'all', steps: [1] });
    for (const words of [
      ['restore', ...snapshots],
      ['undo', restore],
      ['commit', restore],
    ]) {
      const { code, stderr } = await pvsnap(namespace, ...words, '--dry-run=client');
      assert.equal(code, 0, stderr);
    }
    for (const operation of ['restore-aaaaa', 'restore-bbbbb', 'undo-ccccc']) {
      assertFailed(await pvsnap(namespace, 'resume', operation, '--yes'), operation, 'nothing was changed');
      assertFailed(await pvsnap(namespace, 'undo', operation, '--yes'), operation, 'nothing was changed');
    }
    await assertParked(namespace);
  });
});

async function assertParked(namespace: TestNamespace): Promise<void> {
  const broken = ['restore-aaaaa', 'restore-bbbbb', 'undo-ccccc'].map((name) => `configmap/pvsnap-${name}`);
  assert.equal((await namespace.kubectl('delete', ...broken)).code, 0, 'all of them are still there');
  await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });
}
