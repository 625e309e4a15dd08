/** `resume`: an operation whose process is gone is taken up where it was, never beside one that lives. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { V1StatefulSet } from '@kubernetes/client-node';
import type { TestNamespace } from '../cluster/namespace.ts';
import type { Running } from './program.ts';
import { pvsnap, start } from './program.ts';
import { openApp } from './restore-app.ts';
import { assertFailed, assertRestored, assertTakenBack, everythingIn, list, stagingClaim } from './restore-checks.ts';

/** As when the machine goes down: nothing is tidied up. */
async function kill(run: Running): Promise<void> {
  run.child.kill('SIGKILL');
  await run.finished;
}

/** The pod is on its way out and held there, so that the restore waits in its step stop. */
async function restoreIntoStop(namespace: TestNamespace, snapshots: readonly string[]): Promise<Running> {
  await namespace.kubectl(
    'patch',
    'pod/db-0',
    '--type=merge',
    '-p',
    '{"metadata":{"finalizers":["example.com/hold"]}}',
  );
  const restore = start(namespace, 'restore', ...snapshots, '--yes');
  await restore.says('db-0 is ending');
  return restore;
}

async function letGo(namespace: TestNamespace): Promise<void> {
  await namespace.kubectl('patch', 'pod/db-0', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
}

async function replicas(namespace: TestNamespace): Promise<number | undefined> {
  const [workload] = await list<V1StatefulSet>(namespace, 'StatefulSet');
  return workload?.spec?.replicas;
}

describe('after kill -9', { concurrency: 3 }, () => {
  test('during the stop: resume waits for its Lease, and goes on with the replicas of before', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await restoreIntoStop(namespace, snapshots);
    const alive = await pvsnap(namespace, 'resume', '--yes');
    assertFailed(alive, 'another operation is at work');
    await kill(restore);
    await letGo(namespace);

    const { code, stdout, stderr } = await pvsnap(namespace, 'resume', '--yes');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^operation\/restore-\w{5} completed\n$/);
    assert.match(stderr, /The rest of restore-\w{5}.*may be left behind: waiting 30 s/s);
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });
    assert.equal(await replicas(namespace), 1);
    const again = await pvsnap(namespace, 'resume', stdout.trim().split(/[ /]/)[1] ?? '', '--yes');
    assert.deepEqual([again.code, again.stdout], [0, stdout], again.stderr);
  });

  test('during the stop: undo gives the workload its replicas, and every claim keeps its data', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    await kill(await restoreIntoStop(namespace, snapshots));
    await letGo(namespace);
    const { code, stderr } = await pvsnap(namespace, 'undo', '--yes');
    assert.equal(code, 0, stderr);
    await assertRestored(namespace, { claims: { 'data-db-0': 'after' }, parked: [['data-db-0', 'before']] });
    assert.equal(await replicas(namespace), 1);
  });

  test('during staging: undo removes what was staged, and nothing else is touched', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const before = await everythingIn(namespace);
    await namespace.knob({ provisionHang: true });
    const restore = start(namespace, 'restore', ...snapshots, '--yes');
    await stagingClaim(namespace, restore);
    await kill(restore);
    await namespace.knob({});
    assertFailed(
      await pvsnap(namespace, 'restore', ...snapshots, '--yes'),
      'resume restore-',
      'interrupted in step stage',
    );
    const { code, stdout, stderr } = await pvsnap(namespace, 'undo', '--yes');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^operation\/restore-\w{5} undone\n$/);
    await assertTakenBack(namespace, before);
  });
});

test('resume without anything to resume says so', async (t) => {
  const { namespace } = await openApp(t);
  assertFailed(await pvsnap(namespace, 'resume', '--yes'), 'there is no operation to resume in namespace');
  assertFailed(await pvsnap(namespace, 'resume', 'restore-xxxxx', '--yes'), 'there is no record of restore-xxxxx');
});
