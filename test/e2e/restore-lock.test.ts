/** Two restores are never at work in one namespace. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openNamespace } from '../cluster/namespace.ts';
import { pvsnap, start } from './program.ts';
import { leaseOf, makeClaims, takeSnapshots } from './restore-app.ts';
import { assertFailed, assertRestored, everythingIn, stagingClaim } from './restore-checks.ts';

describe('restore refuses to begin beside', { concurrency: 2 }, () => {
  test('a second operation in the namespace while one is at work', async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['a', 'b']);
    const [first = '', second = ''] = await takeSnapshots(namespace, ['a', 'b']);
    await namespace.knob({ provisionHang: true });
    const restore = start(namespace, 'restore', first, '--yes');
    await stagingClaim(namespace, restore);
    const before = await everythingIn(namespace);
    const refused = await pvsnap(namespace, 'restore', second, '--yes');
    assertFailed(refused, `another operation is at work in namespace ${namespace.name}`);
    assert.match(refused.stderr, /@\S+ restore-\w{5} \w{4}, since/);
    assert.deepEqual(leaseless(await everythingIn(namespace)), leaseless(before));
    await namespace.knob({});
    const { code, stderr } = await restore.finished;
    assert.equal(code, 0, stderr);
    await assertRestored(namespace, { claims: { a: 'before', b: 'after' }, parked: [['a', 'after']] });
  });

  test("somebody else's Lease, unless its holder is dead", async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['data']);
    const snapshots = await takeSnapshots(namespace, ['data']);
    const renew = (leaseDurationSeconds: number, renewedMs: number): Promise<void> =>
      namespace.apply([leaseOf('anna@laptop restore-x2x2x', leaseDurationSeconds, renewedMs)]);
    await renew(3600, Date.now());
    const before = await everythingIn(namespace);
    assertFailed(await pvsnap(namespace, 'restore', ...snapshots, '--yes'), 'anna@laptop restore-x2x2x');
    assert.deepEqual(await everythingIn(namespace), before);

    // Expired by this clock, but its holder's may be another.
    await renew(60, 0);
    const waiting = start(namespace, 'restore', ...snapshots, '--yes');
    await waiting.says('looks expired');
    await renew(60, Date.now());
    assertFailed(await waiting.finished, 'anna@laptop restore-x2x2x');

    await renew(1, 0);
    const { code, stderr } = await pvsnap(namespace, 'restore', ...snapshots, '--yes');
    assert.equal(code, 0, stderr);
    await assertRestored(namespace, { claims: { data: 'before' }, parked: [['data', 'after']] });
  });
});

/** Its holder may renew the Lease at any time. */
function leaseless(all: Record<string, unknown>): Record<string, unknown> {
  return { ...all, 'Lease/pvsnap': undefined };
}
