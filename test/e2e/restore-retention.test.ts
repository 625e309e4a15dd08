/** A StatefulSet that deletes its claims when it is scaled to 0 keeps them, and its policy, through every operation. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { V1StatefulSet } from '@kubernetes/client-node';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { statefulSet } from '../cluster/objects.ts';
import { isRolledOut } from '../cluster/states.ts';
import { pvsnap, start } from './program.ts';
import { fill, takeSet } from './restore-app.ts';
import { assertFailed, assertRestored } from './restore-checks.ts';

const before = { 'data-db-0': 'before', 'data-db-1': 'before' };
const after = { 'data-db-0': 'after', 'data-db-1': 'after' };
const claims = Object.keys(before);
const parked = (text: string): [string, string][] => claims.map((name) => [name, text]);

/** With a set `one` of `before`, and `after` in its claims. */
async function openGreedy(t: TestContext): Promise<TestNamespace> {
  const namespace = await openNamespace(t);
  const greedy = statefulSet('db', { replicas: 2 });
  Object.assign(greedy.spec as object, { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } });
  await namespace.apply([greedy]);
  await namespace.waitFor('StatefulSet', 'db', isRolledOut);
  await fill(namespace, claims, 'before');
  await takeSet(namespace, 'one', ['sts/db'], claims);
  return namespace;
}

async function policy({ api, name }: TestNamespace): Promise<[string | undefined, string | undefined]> {
  const { spec, metadata } = await api.get<V1StatefulSet>('StatefulSet', 'db', name);
  return [spec?.persistentVolumeClaimRetentionPolicy?.whenScaled, metadata?.annotations?.['pvsnap.io/when-scaled']];
}

async function succeed(namespace: TestNamespace, ...words: string[]): Promise<void> {
  const { code, stderr } = await pvsnap(namespace, ...words, '--yes');
  assert.equal(code, 0, stderr);
}

async function hold(namespace: TestNamespace, finalizers: string[] | null): Promise<void> {
  const patch = JSON.stringify({ metadata: { finalizers } });
  await namespace.kubectl('patch', 'pod/db-0', '--type=merge', '-p', patch);
}

describe('persistentVolumeClaimRetentionPolicy.whenScaled: Delete', { concurrency: 3 }, () => {
  test('is Retain during a restore and its undo, and Delete again after each', async (t) => {
    const namespace = await openGreedy(t);
    await succeed(namespace, 'restore', 'one');
    await assertRestored(namespace, { claims: before, parked: parked('after') });
    assert.deepEqual(await policy(namespace), ['Delete', undefined]);
    await succeed(namespace, 'undo');
    await assertRestored(namespace, { claims: after, parked: parked('before') });
    assert.deepEqual(await policy(namespace), ['Delete', undefined]);
  });

  for (const verb of ['resume', 'undo'] as const) {
    test(`is put back by ${verb} after kill -9 in the stop`, async (t) => {
      const namespace = await openGreedy(t);
      await hold(namespace, ['example.com/hold']);
      const restore = start(namespace, 'restore', 'one', '--yes');
      await restore.says('db-0 is ending');
      restore.child.kill('SIGKILL');
      await restore.finished;
      assert.deepEqual(await policy(namespace), ['Retain', 'Delete']);
      await hold(namespace, null);
      await succeed(namespace, verb);
      const isResumed = verb === 'resume';
      await assertRestored(namespace, {
        claims: isResumed ? before : after,
        parked: parked(isResumed ? 'after' : 'before'),
      });
      assert.deepEqual(await policy(namespace), ['Delete', undefined]);
    });
  }

  test('is left alone when somebody else has changed it meanwhile', async (t) => {
    const namespace = await openGreedy(t);
    await hold(namespace, ['example.com/hold']);
    assertFailed(await pvsnap(namespace, 'restore', 'one', '--yes', '--timeout=10s'), 'in step stop');
    await namespace.kubectl('annotate', 'sts/db', 'pvsnap.io/when-scaled-');
    await hold(namespace, null);
    await succeed(namespace, 'resume');
    assert.deepEqual(await policy(namespace), ['Retain', undefined]);
  });
});
