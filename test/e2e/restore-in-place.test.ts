/** `restore` in place: staged, stopped, swapped and started, with every byte where it belongs. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { V1PersistentVolumeClaim, V1Pod, V1StatefulSet } from '@kubernetes/client-node';
import { openNamespace } from '../cluster/namespace.ts';
import { claim, deployment } from '../cluster/objects.ts';
import { isRolledOut, isRunning } from '../cluster/states.ts';
import { pvsnap, start } from './program.ts';
import { contentOf, fill, makeClaims, runStatefulSet, takeSet, takeSnapshots } from './restore-app.ts';
import { assertRestored, list, stagingClaim } from './restore-checks.ts';

describe('restore in place', { concurrency: 3 }, () => {
  for (const storageClass of ['fast', 'zonal'] as const) {
    test(`a StatefulSet with claims of class ${storageClass}`, async (t) => {
      const namespace = await openNamespace(t);
      await runStatefulSet(namespace, 'db', { storageClass });
      await takeSet(namespace, 'one', ['statefulset/db'], ['data-db-0', 'data-db-1']);

      const { code, stdout, stderr } = await pvsnap(namespace, 'restore', 'one', '--yes');

      assert.equal(code, 0, stderr);
      assert.match(stdout, /^operation\/restore-\w{5} completed\n$/);
      assert.match(stderr, /Restored 2 volumes from one\. The workload was down for [\d.]+ m?s\./);
      const claims = { 'data-db-0': 'before', 'data-db-1': 'before' };
      await assertRestored(namespace, {
        claims,
        parked: [
          ['data-db-0', 'after'],
          ['data-db-1', 'after'],
        ],
      });
      const { spec, status } = await namespace.api.get<V1StatefulSet>('StatefulSet', 'db', namespace.name);
      assert.deepEqual([spec?.replicas, status?.readyReplicas], [2, 2]);
    });
  }

  test('a StatefulSet, a Deployment and a claim that no pod uses, of both classes, as one set', async (t) => {
    const namespace = await openNamespace(t);
    await namespace.apply([claim('web', { storageClass: 'zonal' }), deployment('web', ['web'], { replicas: 2 })]);
    await namespace.waitFor('Deployment', 'web', isRolledOut);
    await Promise.all([runStatefulSet(namespace, 'db', { replicas: 1 }), makeClaims(namespace, ['loose'])]);
    const claims = ['data-db-0', 'loose', 'web'];
    await fill(namespace, claims, 'before');
    await takeSet(namespace, 'one', ['sts/db', 'deploy/web', 'pvc/loose'], claims);

    const { code, stderr } = await pvsnap(namespace, 'restore', 'one', '--yes');

    assert.equal(code, 0, stderr);
    await assertRestored(namespace, {
      claims: { 'data-db-0': 'before', loose: 'before', web: 'before' },
      parked: claims.map((name) => [name, 'after']),
    });
    const workloads = await Promise.all(
      ['StatefulSet', 'Deployment'].map((kind) => list<V1StatefulSet>(namespace, kind)),
    );
    assert.deepEqual(
      workloads
        .flat()
        .map(({ metadata, spec }) => [metadata.name, spec?.replicas])
        .sort(),
      [
        ['db', 1],
        ['web', 2],
      ],
    );
  });

  test('claims that no pod uses need no stop, and vs/NAME takes snapshots made by hand', async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['a', 'b']);
    const snapshots = await takeSnapshots(namespace, ['a', 'b']);
    const { code, stderr } = await pvsnap(namespace, 'restore', ...snapshots, '--yes');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /stop +nothing: no pod uses these claims/);
    assert.doesNotMatch(stderr, /down for/);
    await assertRestored(namespace, {
      claims: { a: 'before', b: 'before' },
      parked: [
        ['a', 'after'],
        ['b', 'after'],
      ],
    });
  });

  test('a workload scaled to 0 stays at 0, and finds the restored data when it is scaled up', async (t) => {
    const namespace = await openNamespace(t);
    await runStatefulSet(namespace, 'db', { replicas: 1, storageClass: 'zonal' });
    await takeSet(namespace, 'one', ['sts/db'], ['data-db-0']);
    await namespace.kubectl('scale', 'sts/db', '--replicas=0');
    await namespace.waitForGone('Pod', 'db-0');

    const { code, stderr } = await pvsnap(namespace, 'restore', 'one', '--yes');

    assert.equal(code, 0, stderr);
    const { spec } = await namespace.api.get<V1StatefulSet>('StatefulSet', 'db', namespace.name);
    assert.equal(spec?.replicas, 0);
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });
    await namespace.kubectl('scale', 'sts/db', '--replicas=1');
    await namespace.waitFor('Pod', 'db-0', isRunning);
  });

  test('--only restores that claim, and leaves the others as they are', async (t) => {
    const namespace = await openNamespace(t);
    await runStatefulSet(namespace, 'db');
    await takeSet(namespace, 'one', ['sts/db'], ['data-db-0', 'data-db-1']);
    const claimOf = () =>
      namespace.api.get<V1PersistentVolumeClaim>('PersistentVolumeClaim', 'data-db-0', namespace.name);
    const { metadata: other } = await claimOf();

    const { code, stderr } = await pvsnap(namespace, 'restore', 'one', '--yes', '--only', 'pvc/data-db-1');

    assert.equal(code, 0, stderr);
    const claims = { 'data-db-0': 'after', 'data-db-1': 'before' };
    await assertRestored(namespace, { claims, parked: [['data-db-1', 'after']] });
    assert.equal((await claimOf()).metadata?.resourceVersion, other?.resourceVersion);
  });

  test('the same set twice, and an older one after a newer', async (t) => {
    const namespace = await openNamespace(t);
    await runStatefulSet(namespace, 'db', { replicas: 1 });
    const claims = ['data-db-0'];
    await takeSet(namespace, 'older', ['sts/db'], claims);
    await takeSet(namespace, 'newer', ['sts/db'], claims);
    for (const [set, text] of [
      ['newer', 'second'],
      ['newer', 'third'],
      ['older', 'fourth'],
    ] as const) {
      const { code, stderr } = await pvsnap(namespace, 'restore', set, '--yes');
      assert.equal(code, 0, stderr);
      assert.equal(
        await namespace.read('data-db-0', 'data'),
        contentOf('data-db-0', set === 'newer' ? 'after' : 'before'),
      );
      await fill(namespace, claims, text);
    }
    await assertRestored(namespace, {
      claims: { 'data-db-0': 'fourth' },
      parked: [
        ['data-db-0', 'after'],
        ['data-db-0', 'second'],
        ['data-db-0', 'third'],
      ],
    });
  });

  test('the workload runs until all is staged', async (t) => {
    const namespace = await openNamespace(t);
    await runStatefulSet(namespace, 'db');
    await takeSet(namespace, 'one', ['sts/db'], ['data-db-0', 'data-db-1']);
    const podsNow = async () => (await list<V1Pod>(namespace, 'Pod')).map(({ metadata }) => metadata.uid);
    const uids = await podsNow();
    await namespace.knob({ provisionHang: true });

    const restore = start(namespace, 'restore', 'one', '--yes');
    await namespace.waitForEvent(await stagingClaim(namespace, restore), 'Provisioning');
    const { spec, status } = await namespace.api.get<V1StatefulSet>('StatefulSet', 'db', namespace.name);
    assert.deepEqual([spec?.replicas, status?.readyReplicas], [2, 2]);
    assert.deepEqual(await podsNow(), uids);
    await namespace.knob({});

    const { code, stderr } = await restore.finished;
    assert.equal(code, 0, stderr);
    assert.notDeepEqual(await podsNow(), uids);
  });
});
