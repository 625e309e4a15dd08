/** `undo`: the parked volumes come back by the same swap, and an undo can be undone. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { V1PersistentVolumeClaim, V1StatefulSet } from '@kubernetes/client-node';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { waitUntil } from './kubectl.ts';
import { pvsnap } from './program.ts';
import { makeClaims, openApp, runStatefulSet, takeSet } from './restore-app.ts';
import { assertFailed, assertRestored, everythingIn, recordsOf } from './restore-checks.ts';

/** Runs a verb that must succeed. @returns the operation that it names */
async function operate(namespace: TestNamespace, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await pvsnap(namespace, ...words, '--yes');
  assert.equal(code, 0, stderr);
  const [, operation] = /^operation\/(\S+) \w+\n$/.exec(stdout) ?? [];
  return operation ?? assert.fail(stdout);
}

describe('undo', { concurrency: 3 }, () => {
  for (const storageClass of ['fast', 'zonal'] as const) {
    test(`of a restore, of class ${storageClass}, and undo of the undo`, async (t) => {
      const namespace = await openNamespace(t);
      const claims = await runStatefulSet(namespace, 'db', { storageClass });
      await takeSet(namespace, 'one', ['statefulset/db'], claims);
      const restore = await operate(namespace, 'restore', 'one');

      const undo = await operate(namespace, 'undo', restore);
      assert.match(undo, /^undo-\w{5}$/);
      await assertRestored(namespace, {
        claims: { 'data-db-0': 'after', 'data-db-1': 'after' },
        parked: claims.map((name) => [name, 'before']),
      });
      assert.deepEqual(
        (await recordsOf(namespace)).map(({ metadata }) => metadata?.name),
        [`pvsnap-${undo}`],
      );

      await operate(namespace, 'undo', undo);
      await assertRestored(namespace, {
        claims: { 'data-db-0': 'before', 'data-db-1': 'before' },
        parked: claims.map((name) => [name, 'after']),
      });
      const { status } = await namespace.api.get<V1StatefulSet>('StatefulSet', 'db', namespace.name);
      assert.equal(status?.readyReplicas, 2);
    });
  }

  test('takes back the size, and the claims that were made anew', async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['gone', 'grown']);
    await takeSet(namespace, 'one', ['pvc/gone', 'pvc/grown'], ['gone', 'grown']);
    await namespace.kubectl('delete', 'pvc', 'gone', '--wait');
    const restore = await operate(namespace, 'restore', 'one', '--size=8Gi');
    const sizeOf = async (name: string): Promise<string | undefined> => {
      const { spec } = await namespace.api.get<V1PersistentVolumeClaim>('PersistentVolumeClaim', name, namespace.name);
      return spec?.resources?.requests?.storage;
    };
    assert.equal(await sizeOf('grown'), '8Gi');

    const undo = await operate(namespace, 'undo', restore);
    assert.equal(await sizeOf('grown'), '1Gi');
    await assertRestored(namespace, {
      claims: { grown: 'after' },
      parked: [
        ['gone', 'before'],
        ['grown', 'before'],
      ],
    });

    await operate(namespace, 'undo', undo);
    assert.deepEqual([await sizeOf('gone'), await sizeOf('grown')], ['8Gi', '8Gi']);
    await assertRestored(namespace, { claims: { gone: 'before', grown: 'before' }, parked: [['grown', 'after']] });
  });

  test('goes by the volumes when the record is gone, and when the whole namespace is', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await operate(namespace, 'restore', ...snapshots);
    await namespace.kubectl('delete', 'configmap', `pvsnap-${restore}`);
    const undo = await operate(namespace, 'undo', restore);
    await assertRestored(namespace, { claims: { 'data-db-0': 'after' }, parked: [['data-db-0', 'before']] });

    const { spec } = await namespace.api.get<V1PersistentVolumeClaim>(
      'PersistentVolumeClaim',
      'data-db-0',
      namespace.name,
    );
    await namespace.kubectl('delete', 'namespace', namespace.name, '--wait');
    // The volume of its claim goes by itself, but later.
    await waitUntil(namespace, `pv/${spec?.volumeName ?? ''}`, '--for=delete');
    await namespace.kubectl('create', 'namespace', namespace.name);
    await operate(namespace, 'undo', '--from-parked');
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' } });
    assert.equal(undo.startsWith('undo-'), true);
  });

  test('refuses what is not there, and changes nothing', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const before = await everythingIn(namespace);
    assertFailed(await pvsnap(namespace, 'undo', 'restore-xxxxx', '--yes'), "restore-xxxxx can't be undone");
    assertFailed(await pvsnap(namespace, 'undo', '--yes'), 'there is no operation to undo in namespace');
    assert.deepEqual(await everythingIn(namespace), before);

    const restore = await operate(namespace, 'restore', ...snapshots);
    const { code, stderr } = await pvsnap(namespace, 'undo', restore);
    assert.equal(code, 2);
    assert.match(stderr, /undo asks before it begins.*pass --yes/s);
    const shown = await pvsnap(namespace, 'undo', restore, '--dry-run=client');
    assert.match(shown.stdout, new RegExp(`^Undo of ${restore}, namespace `));
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });
  });
});
