/** Records that somebody else wrote, of what is to be stopped and started: no more than its namespace is in their reach. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { V1Deployment } from '@kubernetes/client-node';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { deployment, pod } from '../cluster/objects.ts';
import { isRolledOut } from '../cluster/states.ts';
import { entering, interruptedAt } from './interrupted.ts';
import { pvsnap } from './program.ts';
import { openApp } from './restore-app.ts';
import { assertFailed, assertSafe, list, recordsOf } from './restore-checks.ts';

async function forge(namespace: TestNamespace, operation: string, parts: object): Promise<void> {
  const record = (await recordsOf(namespace)).find(({ metadata }) => metadata?.name === `pvsnap-${operation}`);
  const plan = { ...(JSON.parse(record?.data?.plan ?? '{}') as object), ...parts };
  const patch = JSON.stringify({ data: { plan: JSON.stringify(plan) } });
  await namespace.kubectl('patch', `configmap/pvsnap-${operation}`, '--type=merge', '-p', patch);
}

async function openVictim(t: TestContext): Promise<TestNamespace> {
  const victim = await openNamespace(t);
  await victim.apply([deployment('shop', [])]);
  await victim.waitFor('Deployment', 'shop', isRolledOut);
  return victim;
}

describe('a record that somebody has changed', { concurrency: 2 }, () => {
  for (const verb of ['resume', 'undo']) {
    test(`to stop a Deployment of another namespace: ${verb} refuses, and says what to say`, async (t) => {
      const [victim, { namespace, snapshots }] = await Promise.all([openVictim(t), openApp(t)]);
      const operation = await interruptedAt(namespace, entering('restore', 'swap'), 'restore', ...snapshots);
      const stop = [{ kind: 'deployment', name: 'shop', namespace: victim.name }];
      await forge(namespace, operation, { choices: { stop, leave: [], order: [], deleteBarePods: false } });
      const before = await victim.api.get<V1Deployment>('Deployment', 'shop', victim.name);

      const refused = await pvsnap(namespace, verb, operation, '--yes');

      assertFailed(
        refused,
        'nothing was changed',
        `--stop ${victim.name}/deployment/shop`,
        'its record is not believed',
      );
      const after = await victim.api.get<V1Deployment>('Deployment', 'shop', victim.name);
      assert.equal(after.metadata?.generation, before.metadata?.generation);
    });

    test(`to make a pod of another namespace in place of its StatefulSet: ${verb} makes none`, async (t) => {
      const [victim, { namespace, snapshots }] = await Promise.all([openNamespace(t), openApp(t)]);
      const operation = await interruptedAt(namespace, entering('restore', 'swap'), 'restore', ...snapshots);
      await namespace.kubectl('scale', 'sts/db', '--replicas=1');
      await namespace.waitFor('StatefulSet', 'db', isRolledOut);
      const { metadata } = await namespace.api.get('StatefulSet', 'db', namespace.name);
      const manifest = { ...pod('evil', []), metadata: { name: 'evil', namespace: victim.name } };
      const workload = { kind: 'pod', name: 'evil', uid: metadata.uid, replicas: 1, how: 'remake', manifest };
      await forge(namespace, operation, { workloads: [workload] });

      const done = await pvsnap(namespace, verb, operation, '--yes');

      assert.equal(done.code, 0, done.stderr);
      assert.deepEqual(await list(victim, 'Pod'), []);
      const own = await list(namespace, 'Pod');
      assert.deepEqual(
        own.map((one) => one.metadata.name),
        ['db-0'],
      );
    });
  }

  test('in what it prints: nothing of it reaches the terminal as it is', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const operation = await interruptedAt(namespace, entering('restore', 'swap'), 'restore', ...snapshots);
    await forge(namespace, operation, { source: { name: 'one\u001b[2J\u202e' }, notes: ['\u001b[2J'] });
    const done = await pvsnap(namespace, 'resume', operation, '--yes');
    assert.equal(done.code, 0, done.stderr);
    assertSafe(done.stderr);
    assertSafe(done.stdout);
  });

  test('of claims that were to be replaced: undo makes no pod of it', async (t) => {
    const [victim, { namespace, snapshots }] = await Promise.all([openNamespace(t), openApp(t)]);
    const words = ['restore', ...snapshots, '--strategy', 'replace'];
    const operation = await interruptedAt(namespace, entering('restore', 'secure'), ...words);
    const manifest = { ...pod('evil', []), metadata: { name: 'evil', namespace: victim.name } };
    const workload = { kind: 'pod', name: 'evil', uid: 'any', replicas: 1, how: 'remake', manifest };
    await forge(namespace, operation, { workloads: [workload] });

    const done = await pvsnap(namespace, 'undo', operation, '--yes');

    assert.equal(done.code, 0, done.stderr);
    assert.deepEqual(await list(victim, 'Pod'), []);
    assert.match(done.stderr, /pod\/evil was deleted, and is not made again/);
  });
});
