import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { holdOwner, releaseOwner } from '../../src/workloads/hold.ts';
import type { Owner } from '../../src/workloads/owner.ts';
import { deployment } from './objects.ts';
import type { StoredCluster } from './stored.ts';
import { storedCluster } from './stored.ts';

const operator: Owner = {
  role: 'operator',
  resource: { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment', namespaced: true },
  namespace: 'kafka',
  name: 'op',
  uid: 'uid-deploy-op',
  changes: [{ path: ['spec', 'replicas'], before: 2, during: 0 }],
  how: 'scale',
};

const replicas = ({ object }: StoredCluster): unknown => {
  return (object('Deployment', 'op') as { spec?: { replicas?: number } } | undefined)?.spec?.replicas;
};
const isHeld = ({ object }: StoredCluster): boolean =>
  object('Deployment', 'op')?.metadata.annotations?.['pvsnap.io/held'] !== undefined;

function operatorWith(held?: object): StoredCluster {
  const annotations = { kept: 'yes', ...(held !== undefined && { 'pvsnap.io/held': JSON.stringify(held) }) };
  return storedCluster({ objects: [deployment('op', held === undefined ? 2 : 0, 'none', { annotations })] });
}

describe('an operator that is held', () => {
  test('by two operations is put back by the last of them', async () => {
    const stored = operatorWith();
    await holdOwner(stored.cluster, operator, ['a/restore-1']);
    await holdOwner(stored.cluster, { ...operator, changes: [{ path: ['spec', 'replicas'], before: 0, during: 0 }] }, [
      'b/restore-2',
    ]);
    await releaseOwner(stored.cluster, operator, ['a/restore-1']);
    assert.deepEqual([replicas(stored), isHeld(stored)], [0, true]);
    await releaseOwner(stored.cluster, operator, ['b/restore-2']);
    assert.deepEqual([replicas(stored), isHeld(stored)], [2, false]);
  });

  test('by an operation that is undone becomes the undo’s, and its undo puts it back', async () => {
    const stored = operatorWith();
    await holdOwner(stored.cluster, operator, ['a/restore-1']);
    await holdOwner(stored.cluster, operator, ['a/undo-2', 'a/restore-1']);
    await holdOwner(stored.cluster, operator, ['a/undo-3', 'a/undo-2', 'a/restore-1']);
    const before = stored.writes.length;
    await holdOwner(stored.cluster, operator, ['a/undo-3', 'a/undo-2', 'a/restore-1']);
    assert.equal(stored.writes.length, before, 'nothing is written that is so already');
    await releaseOwner(stored.cluster, operator, ['a/undo-3', 'a/undo-2']);
    assert.deepEqual([replicas(stored), isHeld(stored)], [2, false]);
  });

  test('is left alone where somebody has changed it since', async () => {
    const stored = operatorWith();
    await holdOwner(stored.cluster, operator, ['a/restore-1']);
    await stored.cluster.patch(operator.resource as never, { name: 'op' }, { spec: { replicas: 5 } });
    await releaseOwner(stored.cluster, operator, ['a/restore-1']);
    assert.deepEqual([replicas(stored), isHeld(stored)], [5, false]);
  });
});

describe('a note on an owner that somebody else has written', () => {
  const by = ['a/restore-1'];
  const note = (path: string[], before: unknown): object => ({ by, changes: [{ path, before, during: null }] });

  const refused = /deployment\/op carries an annotation pvsnap.io\/held that is not understood/;

  test('puts back no other field than those that are changed to hold such an object', async () => {
    for (const path of [['spec', 'template', 'metadata'], ['metadata', 'finalizers'], ['metadata'], []]) {
      const stored = operatorWith(note(path, ['forged']));
      await assert.rejects(releaseOwner(stored.cluster, operator, by), refused);
      await assert.rejects(holdOwner(stored.cluster, operator, ['a/restore-2']), refused);
      assert.deepEqual(stored.writes, []);
    }
  });

  test('changes nothing of the program itself', async () => {
    for (const path of [
      ['__proto__', 'polluted'],
      ['spec', '__proto__', 'polluted'],
      ['constructor', 'prototype', 'polluted'],
    ]) {
      const stored = operatorWith(note(path, 'yes'));
      await assert.rejects(releaseOwner(stored.cluster, operator, by), refused);
      assert.equal(({} as { polluted?: string }).polluted, undefined, path.join('.'));
    }
  });

  test('that is no JSON of ours is not written over: what it says would be lost', async () => {
    for (const held of [{ by }, { by: [1], changes: [] }, { by, changes: [null] }, []]) {
      const stored = operatorWith(held);
      await assert.rejects(holdOwner(stored.cluster, operator, ['a/restore-2']), refused);
      assert.deepEqual(stored.writes, []);
    }
  });
});
