/** `restore --as-new`: claims beside the present ones, which nothing happens to. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { openNamespace } from '../cluster/namespace.ts';
import { pod } from '../cluster/objects.ts';
import { isRunning } from '../cluster/states.ts';
import { pvsnap } from './program.ts';
import { contentOf, leaseOf, makeClaims, runStatefulSet, takeSet, takeSnapshots } from './restore-app.ts';
import { assertFailed, assertTakenBack, everythingIn, list } from './restore-checks.ts';

describe('restore --as-new', { concurrency: 2 }, () => {
  test('claims beside those of a StatefulSet that runs on', async (t) => {
    const namespace = await openNamespace(t);
    const claims = await runStatefulSet(namespace, 'db', { storageClass: 'zonal' });
    const snapshots = await takeSnapshots(namespace, claims);
    const before = await everythingIn(namespace);

    const { code, stdout, stderr } = await pvsnap(namespace, 'restore', ...snapshots, '--as-new', '--yes');

    assert.equal(code, 0, stderr);
    const [, suffix = ''] = /^operation\/restore-(\w{5}) completed\n$/.exec(stdout) ?? [];
    for (const name of claims) {
      assert.equal(await namespace.read(`${name}-${suffix}`, 'data'), contentOf(name, 'before'));
      assert.match(stderr, new RegExp(`${name} -> ${name}-${suffix}`));
    }
    const after = await everythingIn(namespace);
    const untouched = Object.keys(before).map((key) => [key, after[key]]);
    assert.deepEqual(Object.fromEntries(untouched), before);
    const isNew = (key: string): boolean => !(key in before) && !key.startsWith('PersistentVolume/');
    assert.deepEqual(
      Object.keys(after).filter(isNew),
      claims.map((name) => `PersistentVolumeClaim/${name}-${suffix}`),
    );
  });

  test('beside a claim that is not to be had: its pod can not be stopped, and another operation is at work', async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['data']);
    await namespace.apply([pod('bare', ['data']), leaseOf('anna@laptop restore-x2x2x', 3600, Date.now())]);
    await namespace.waitFor('Pod', 'bare', isRunning);
    const snapshots = await takeSnapshots(namespace, ['data']);

    const { code, stdout, stderr } = await pvsnap(
      ...([namespace, 'restore', ...snapshots, '--as-new', '--yes', '--size=2Gi', '-o=json'] as const),
    );

    assert.equal(code, 0, stderr);
    const { members } = JSON.parse(stdout) as { members: { staging: string }[] };
    const name = members[0]?.staging ?? '';
    const made = await namespace.api.get<V1PersistentVolumeClaim>('PersistentVolumeClaim', name, namespace.name);
    assert.equal(made.status?.capacity?.storage, '2Gi');
    assert.equal(await namespace.read(name, 'data'), contentOf('data', 'before'));
  });

  test('from a set whose claim is gone, with its labels but not those that a GitOps tool tracks by', async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['data'], { labels: { app: 'db', 'app.kubernetes.io/instance': 'argo' } });
    await takeSet(namespace, 'one', ['pvc/data'], ['data']);
    await namespace.kubectl('delete', 'pvc/data');

    const { code, stderr } = await pvsnap(namespace, 'restore', 'one', '--as-new', '--yes');

    assert.equal(code, 0, stderr);
    const [made, ...others] = await list<V1PersistentVolumeClaim>(namespace, 'PersistentVolumeClaim');
    assert.deepEqual(others, []);
    assert.ok(made);
    assert.equal(await namespace.read(made.metadata.name, 'data'), contentOf('data', 'before'));
    assert.deepEqual(Object.keys(made.metadata.labels ?? {}).sort(), ['app', 'pvsnap.io/operation']);
  });

  test('one that is not provisioned in time takes all of them back', async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['a', 'b']);
    const snapshots = await takeSnapshots(namespace, ['a', 'b']);
    const before = await everythingIn(namespace);
    await namespace.knob({ provisionFailure: { code: 'INTERNAL', message: 'pool is full' } });
    const failed = await pvsnap(namespace, 'restore', ...snapshots, '--as-new', '--yes', '--timeout=8s');
    assertFailed(failed, 'pool is full', 'before the deadline (--timeout)', 'What was staged has been removed');
    await assertTakenBack(namespace, before);
  });
});
