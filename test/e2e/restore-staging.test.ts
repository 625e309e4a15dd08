/** What goes wrong while a `restore` stages: what was staged is removed, and nothing else was touched. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pvsnap, start } from './program.ts';
import { openApp } from './restore-app.ts';
import { assertFailed, assertSafe, assertTakenBack, everythingIn, stagingClaim } from './restore-checks.ts';

const removed = 'What was staged has been removed; nothing else was touched';

describe('restore while it stages', { concurrency: 2 }, () => {
  test('a driver that fails until the deadline', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const before = await everythingIn(namespace);
    await namespace.knob({ provisionFailure: { code: 'INTERNAL', message: 'pool is full' } });
    const failed = await pvsnap(namespace, 'restore', ...snapshots, '--yes', '--timeout=10s');
    assertFailed(failed, 'before the deadline (--timeout); data-db-0: ', `pool is full. ${removed}`);
    await assertTakenBack(namespace, before);
  });

  test('a driver that has no room on the node of the pod', async (t) => {
    const { namespace, snapshots } = await openApp(t, 'zonal');
    const before = await everythingIn(namespace);
    await namespace.knob({ provisionFailure: { code: 'RESOURCE_EXHAUSTED', message: 'pool is full' } });
    const failed = await pvsnap(namespace, 'restore', ...snapshots, '--yes');
    assertFailed(failed, 'data-db-0: no storage can be provisioned for node node-', 'pool is full', removed);
    await assertTakenBack(namespace, before);
  });

  test('a driver that hangs until the deadline', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const before = await everythingIn(namespace);
    await namespace.knob({ provisionHang: true });
    const failed = await pvsnap(namespace, 'restore', ...snapshots, '--yes', '--timeout=2s');
    assertFailed(failed, `before the deadline (--timeout). ${removed}`);
    await namespace.knob({});
    await assertTakenBack(namespace, before);
  });

  test('Ctrl-C', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const before = await everythingIn(namespace);
    await namespace.knob({ provisionHang: true });
    const restore = start(namespace, 'restore', ...snapshots, '--yes');
    await stagingClaim(namespace, restore);
    restore.child.kill('SIGINT');
    const { code, stdout, stderr } = await restore.finished;
    assert.deepEqual({ code, stdout }, { code: 130, stdout: '' });
    assert.ok(stderr.includes(`stopped in step stage. ${removed}`), stderr);
    await namespace.knob({});
    await assertTakenBack(namespace, before);
  });

  test('a snapshot that is deleted meanwhile', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const before = await everythingIn(namespace);
    await namespace.knob({ provisionFailure: { code: 'INTERNAL', message: 'not yet' } });
    const restore = start(namespace, 'restore', ...snapshots, '--yes', '--timeout=10s');
    await restore.says('not yet');
    await namespace.kubectl('delete', 'vs/of-data-db-0', '--wait=false');
    // A claim that is being provisioned protects its snapshot: only by force does it go now.
    await namespace.kubectl('patch', 'vs/of-data-db-0', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
    await namespace.knob({});
    assertFailed(await restore.finished, '"of-data-db-0" not found', removed);
    delete before['VolumeSnapshot/of-data-db-0'];
    await assertTakenBack(namespace, before);
  });

  test("a driver's words are shown without what a terminal would obey", async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const message = 'pool \u001b[31mred\u001b]0;title\u0007 \u009b2J \u202egnorw\r\nis full';
    await namespace.knob({ provisionFailure: { code: 'INTERNAL', message, times: 1 } });
    const { code, stderr } = await pvsnap(namespace, 'restore', ...snapshots, '--yes');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /pool \^\[\[31mred/);
    assertSafe(stderr);
  });
});
