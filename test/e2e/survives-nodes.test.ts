/** The node of the pod is gone, at one step after the other: nothing is forced, and both ways out work. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { V1Pod } from '@kubernetes/client-node';
import type { Finished, TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { isBound, isRolledOut } from '../cluster/states.ts';
import { giveDocumentedRoles } from './documented-roles.ts';
import { assertCame, meanwhile } from './held.ts';
import { interruptedAt, succeed } from './interrupted.ts';
import type { OwnNode } from './own-node.ts';
import { openNode, runOnNode } from './own-node.ts';
import { pvsnap, start } from './program.ts';
import { takeSnapshots } from './restore-app.ts';
import { assertFailed, assertRestored, recordsOf, stagingClaim } from './restore-checks.ts';

const claim = 'data-db-0';

interface OnNode {
  namespace: TestNamespace;
  node: OwnNode;
  snapshots: string[];
}

async function openOnNode(t: TestContext): Promise<OnNode> {
  const namespace = await openNamespace(t);
  const node = await openNode(t, namespace);
  const claims = await runOnNode(namespace, node, { storageClass: 'zonal' });
  return { namespace, node, snapshots: await takeSnapshots(namespace, claims) };
}

/** The pod is told to end, and its node doesn't hear it. Then the node is back. @throws AssertionError when it ended before */
async function stuckUntilBack({ namespace, node }: OnNode, finished: Promise<Finished>): Promise<Finished> {
  const stuck = namespace.waitFor<V1Pod>('Pod', 'db-0', ({ metadata }) => metadata?.deletionTimestamp !== undefined);
  const ended = await Promise.race([stuck.then(() => undefined), finished]);
  assert.equal(ended, undefined, ended?.stderr);
  await node.comesBack();
  return finished;
}

async function assertRestoredAndRuns(namespace: TestNamespace): Promise<void> {
  await assertRestored(namespace, { claims: { [claim]: 'before' }, parked: [[claim, 'after']] });
  await namespace.waitFor('StatefulSet', 'db', isRolledOut);
}

async function operationOf(namespace: TestNamespace): Promise<string> {
  const [record] = await recordsOf(namespace);
  return record?.metadata?.labels?.['pvsnap.io/operation'] ?? assert.fail('there is no record');
}

describe('a node that is gone', { concurrency: 3 }, () => {
  test('before the plan: another one of its zone is provisioned for', async (t) => {
    const app = await openOnNode(t);
    const { namespace, node, snapshots } = app;
    await node.goes();
    const plan = await pvsnap(namespace, 'restore', ...snapshots, '--dry-run=client', '-o', 'json');
    assert.ok(plan.stdout.includes('"node-a"'), plan.stdout + plan.stderr);
    const { code, stderr } = await stuckUntilBack(app, pvsnap(namespace, 'restore', ...snapshots, '--yes'));
    assert.equal(code, 0, stderr);
    await assertRestoredAndRuns(namespace);
  });

  test('between the plan and the staging: another one of its zone is tried', async (t) => {
    const app = await openOnNode(t);
    const { namespace, node, snapshots } = app;
    const begin = 'PATCH configmaps/pvsnap-restore-x phase=stage #1';
    const held = meanwhile(namespace, begin, node.goes, 'restore', ...snapshots, '--yes');
    const { code, stderr } = await stuckUntilBack(app, held);
    assertCame(await held);
    assert.equal(code, 0, stderr);
    await assertRestoredAndRuns(namespace);
  });

  test('while it stages', async (t) => {
    const app = await openOnNode(t);
    const { namespace, node, snapshots } = app;
    await namespace.knob({ provisionHang: true });
    const restore = start(namespace, 'restore', ...snapshots, '--yes');
    await stagingClaim(namespace, restore);
    await node.goes();
    await namespace.knob({});
    const { code, stderr } = await stuckUntilBack(app, restore.finished);
    assert.equal(code, 0, stderr);
    await assertRestoredAndRuns(namespace);
  });

  test('or full, and the run is killed before the next one is tried: resume tries it', async (t) => {
    const { namespace, snapshots } = await openOnNode(t);
    await namespace.knob({ provisionFailure: { code: 'RESOURCE_EXHAUSTED', message: 'pool is full' } });
    const next = 'PATCH persistentvolumeclaims/data-db-0-staged-x #1';
    const restore = await interruptedAt(namespace, next, 'restore', ...snapshots);
    await namespace.knob({});
    await succeed(namespace, 'resume', restore, '--timeout=60s');
    await assertRestoredAndRuns(namespace);
  });

  test('while claims are replaced, and no other was planned: resume finds one', async (t) => {
    const { namespace, node, snapshots } = await openOnNode(t);
    await giveDocumentedRoles(t, namespace, ['restore', 'replace', 'replace-cluster']);
    const as = ['--yes', '--as', namespace.name];
    const make = 'POST persistentvolumeclaims/data-db-0 #1';
    const failed = await meanwhile(namespace, make, node.goes, 'restore', ...snapshots, ...as);
    assertCame(failed);
    const operation = await operationOf(namespace);
    assertFailed(failed, `no storage can be provisioned for node ${node.name}`, `kubectl pvsnap resume ${operation}`);
    const resumed = pvsnap(namespace, 'resume', operation, ...as);
    await namespace.waitFor('PersistentVolumeClaim', claim, isBound);
    await node.comesBack();
    const { code, stderr } = await resumed;
    assert.equal(code, 0, stderr);
    assert.equal(await namespace.read(claim, 'data'), `${claim}: before`);
    await namespace.waitFor('StatefulSet', 'db', isRolledOut);
  });

  for (const way of ['resume', 'undo'] as const) {
    test(`while its pod ends: the deadline ends the wait, then ${way}`, async (t) => {
      const { namespace, node, snapshots } = await openOnNode(t);
      const stop = 'PATCH statefulsets/db/scale #1';
      const failed = await meanwhile(namespace, stop, node.goes, 'restore', ...snapshots, '--yes', '--timeout=15s');
      assertCame(failed);
      assertFailed(failed, 'db-0', `kubectl pvsnap ${way} restore-`);
      assert.deepEqual(
        failed.calls.filter((call) => call.startsWith('DELETE pods')),
        [],
      );
      const goOn = pvsnap(namespace, way, await operationOf(namespace), '--yes');
      await node.comesBack();
      const { code, stderr } = await goOn;
      assert.equal(code, 0, stderr);
      if (way === 'resume') await assertRestoredAndRuns(namespace);
      else await assertUndone(namespace);
    });

    test(`before it starts again: the deadline ends the wait, then ${way}`, async (t) => {
      const { namespace, node, snapshots } = await openOnNode(t);
      const start = 'PATCH configmaps/pvsnap-restore-x phase=start #1';
      const failed = await meanwhile(namespace, start, node.goes, 'restore', ...snapshots, '--yes', '--timeout=15s');
      assertCame(failed);
      assertFailed(failed, 'db 0/1', 'node', `kubectl pvsnap ${way} restore-`);
      await node.comesBack();
      await succeed(namespace, way, await operationOf(namespace));
      if (way === 'resume') await assertRestoredAndRuns(namespace);
      else await assertRestored(namespace, { claims: { [claim]: 'after' }, parked: [[claim, 'before']] });
    });
  }
});

/** Nothing had been swapped; what was staged is parked, or gone. */
async function assertUndone(namespace: TestNamespace): Promise<void> {
  assert.equal(await namespace.read(claim, 'data'), `${claim}: after`);
  await namespace.waitFor('StatefulSet', 'db', isRolledOut);
}
