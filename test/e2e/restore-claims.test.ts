/** The claims that `restore` makes: what they keep, what they ask for, and when there is none any more. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node';
import type { KubeObject } from '../cluster/api.ts';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { claim, statefulSet } from '../cluster/objects.ts';
import { isBound, isRolledOut, isRunning } from '../cluster/states.ts';
import { pvsnap } from './program.ts';
import { contentOf, fill, runStatefulSet, takeSet } from './restore-app.ts';
import { assertRestored, list, volumesOf } from './restore-checks.ts';

describe('claims that a restore makes', { concurrency: 2 }, () => {
  test('claims that no longer exist are made again from what their snapshots carry', async (t) => {
    const namespace = await openNamespace(t);
    const far = { storageClass: 'zonal', replicas: 1 } as const;
    await Promise.all([runStatefulSet(namespace, 'near', { replicas: 1 }), runStatefulSet(namespace, 'far', far)]);
    const claims = ['data-near-0', 'data-far-0'];
    await takeSet(namespace, 'one', ['sts/near', 'sts/far'], claims);
    await namespace.kubectl('delete', 'sts/near', 'sts/far', ...claims.map((name) => `pvc/${name}`));
    for (const { metadata } of await volumesOf(namespace)) {
      await namespace.kubectl('wait', '--for=delete', `pv/${metadata.name}`, '--timeout=60s');
    }

    const { code, stderr } = await pvsnap(namespace, 'restore', 'one', '--yes');

    assert.equal(code, 0, stderr);
    await assertRestored(namespace, { claims: { 'data-near-0': 'before', 'data-far-0': 'before' } });
    await namespace.apply([statefulSet('near', { replicas: 1 }), statefulSet('far', far)]);
    await Promise.all(['near-0', 'far-0'].map((name) => namespace.waitFor<V1Pod>('Pod', name, isRunning)));
    assert.equal(await namespace.read('data-far-0', 'data'), contentOf('data-far-0', 'before'));
  });

  test('a ReadWriteOncePod claim, restored and undone', async (t) => {
    const namespace = await openNamespace(t);
    const one = statefulSet('db', { replicas: 1 }) as {
      spec: { volumeClaimTemplates: { spec: object }[] };
    } & KubeObject;
    for (const { spec } of one.spec.volumeClaimTemplates) Object.assign(spec, { accessModes: ['ReadWriteOncePod'] });
    await namespace.apply([one]);
    await namespace.waitFor('StatefulSet', 'db', isRolledOut);
    await fill(namespace, ['data-db-0'], 'before');
    await takeSet(namespace, 'one', ['sts/db'], ['data-db-0']);
    const accessModes = async (): Promise<unknown> => {
      const [claim] = await list<V1PersistentVolumeClaim>(namespace, 'PersistentVolumeClaim');
      return claim?.spec?.accessModes;
    };
    for (const [words, inClaim, parked] of [
      [['restore', 'one'], 'before', 'after'],
      [['undo'], 'after', 'before'],
    ] as const) {
      const { code, stderr } = await pvsnap(namespace, ...words, '--yes');
      assert.equal(code, 0, stderr);
      await assertRestored(namespace, { claims: { 'data-db-0': inClaim }, parked: [['data-db-0', parked]] });
      assert.deepEqual(await accessModes(), ['ReadWriteOncePod']);
    }
  });

  test('a claim keeps its labels, annotations and owners', async (t) => {
    const namespace = await openNamespace(t);
    const owner = await makeOwner(namespace, 'owner');
    await makeOwned(namespace, 'data', [owner]);
    await takeSet(namespace, 'one', ['pvc/data'], ['data']);

    const { code, stderr } = await pvsnap(namespace, 'restore', 'one', '--yes');

    assert.equal(code, 0, stderr);
    await assertRestored(namespace, { claims: { data: 'before' }, parked: [['data', 'after']] });
    const [made] = await list<V1PersistentVolumeClaim>(namespace, 'PersistentVolumeClaim');
    const { labels, annotations, ownerReferences } = made?.metadata ?? {};
    assert.deepEqual({ labels, note: annotations?.note, ownerReferences }, { ...marks, ownerReferences: [owner] });
    assert.match(annotations?.['pvsnap.io/restored-from'] ?? '', /^snapshot-data-\d+$/);
    assert.match(annotations?.['pvsnap.io/operation'] ?? '', /^restore-/);
  });

  test('a claim that is made again has no owner that is gone', async (t) => {
    const namespace = await openNamespace(t);
    const [living, dying] = await Promise.all(['living', 'dying'].map((name) => makeOwner(namespace, name)));
    assert.ok(living && dying);
    await makeOwned(namespace, 'orphan', [dying]);
    await makeOwned(namespace, 'shared', [living, dying]);
    await takeSet(namespace, 'one', ['pvc/orphan', 'pvc/shared'], ['orphan', 'shared']);
    await namespace.kubectl('delete', 'pvc/shared');
    // The garbage collector deletes what it alone owned, and would do so again.
    await namespace.kubectl('delete', 'configmap/dying');
    await namespace.kubectl('wait', '--for=delete', 'pvc/orphan', '--timeout=60s');
    // One of the same name is another object.
    await makeOwner(namespace, 'dying');

    const { code, stderr } = await pvsnap(namespace, 'restore', 'one', '--yes');

    assert.equal(code, 0, stderr);
    await assertRestored(namespace, { claims: { orphan: 'before', shared: 'before' } });
    const [orphan, shared] = await list<V1PersistentVolumeClaim>(namespace, 'PersistentVolumeClaim');
    assert.deepEqual(
      [orphan, shared].map((made) => made?.metadata.ownerReferences),
      [undefined, [living]],
    );
    assert.deepEqual(shared?.metadata.labels, marks.labels);
  });

  test('--size asks for more than before', async (t) => {
    const namespace = await openNamespace(t);
    await runStatefulSet(namespace, 'db', { replicas: 1 });
    await takeSet(namespace, 'one', ['sts/db'], ['data-db-0']);
    const { code, stderr } = await pvsnap(namespace, 'restore', 'one', '--yes', '--size', '3Gi');
    assert.equal(code, 0, stderr);
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });
    const [present] = await list<V1PersistentVolumeClaim>(namespace, 'PersistentVolumeClaim');
    assert.equal(present?.spec?.resources?.requests?.storage, '3Gi');
    assert.equal((present as V1PersistentVolumeClaim).status?.capacity?.storage, '3Gi');
  });
});

/** Labels stay in place, also those that a GitOps tool tracks by. */
const marks = { labels: { app: 'db', 'app.kubernetes.io/instance': 'x' }, note: 'mine' };

/** A claim with these owners, and the text `before`. */
async function makeOwned(namespace: TestNamespace, name: string, ownerReferences: object[]): Promise<void> {
  const owned = claim(name, { labels: marks.labels, annotations: { note: marks.note } });
  Object.assign(owned.metadata, { ownerReferences });
  await namespace.apply([owned]);
  await namespace.waitFor('PersistentVolumeClaim', name, isBound);
  await fill(namespace, [name], 'before');
}

/** @returns a reference to a ConfigMap that is made for it */
async function makeOwner(namespace: TestNamespace, name: string): Promise<object> {
  const { metadata } = await namespace.api.create<{ metadata: { uid: string } }>(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } },
    namespace.name,
  );
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: metadata.uid };
}
