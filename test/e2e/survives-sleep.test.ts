/** A run that slept while another took its operation over, as on a laptop whose lid was shut, writes nothing more. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '../cluster/api.ts';
import type { TestNamespace } from '../cluster/namespace.ts';
import { replicasOf, succeed } from './interrupted.ts';
import { start } from './program.ts';
import { openApp } from './restore-app.ts';
import { assertFailed, assertRestored, everythingIn, recordsOf, stagingClaim } from './restore-checks.ts';

async function setHold(namespace: TestNamespace, finalizers: string[] | null, of = 'pod/db-0'): Promise<void> {
  const patch = JSON.stringify({ metadata: { finalizers } });
  await namespace.kubectl('patch', of, '--type=merge', '-p', patch);
}

describe('a run that sleeps', { concurrency: 2 }, () => {
  test('during staging, while another resumes: it takes nothing back, and the other goes on', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    await namespace.knob({ provisionHang: true });
    const sleeper = start(namespace, 'restore', ...snapshots, '--yes');
    t.after(() => sleeper.child.kill('SIGKILL'));
    await stagingClaim(namespace, sleeper);
    sleeper.child.kill('SIGSTOP');
    await namespace.knob({});
    await setHold(namespace, ['example.com/hold']);
    const [record] = await recordsOf(namespace);
    const other = start(namespace, 'resume', record?.metadata?.labels?.['pvsnap.io/operation'] ?? '', '--yes');
    t.after(() => other.child.kill('SIGKILL'));
    await other.says('db-0 is ending');
    const before = leaseless(await everythingIn(namespace));

    sleeper.child.kill('SIGCONT');
    assertFailed(await sleeper.finished, 'has written nothing since', 'kubectl pvsnap get operations restore-');
    assert.deepEqual(leaseless(await everythingIn(namespace)), before);
    await setHold(namespace, null);
    const { code, stderr } = await other.finished;
    assert.equal(code, 0, stderr);
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });
    assert.equal(await replicasOf(namespace), 1);
  });

  test('in the middle of the swap, while another undoes: it touches neither claim nor volume', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    await setHold(namespace, ['example.com/hold'], 'pvc/data-db-0');
    const sleeper = start(namespace, 'restore', ...snapshots, '--yes');
    t.after(() => sleeper.child.kill('SIGKILL'));
    const isGoing = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp !== undefined;
    await namespace.waitFor('PersistentVolumeClaim', 'data-db-0', isGoing);
    sleeper.child.kill('SIGSTOP');
    await setHold(namespace, null, 'pvc/data-db-0');
    await succeed(namespace, 'undo');
    const before = await everythingIn(namespace);

    sleeper.child.kill('SIGCONT');
    assertFailed(await sleeper.finished, 'has written nothing since', 'kubectl pvsnap get operations restore-');
    assert.deepEqual(await everythingIn(namespace), before);
    await assertRestored(namespace, { claims: { 'data-db-0': 'after' }, parked: [['data-db-0', 'before']] });
    assert.equal(await replicasOf(namespace), 1);
  });
});

/** Its holder renews the Lease at any time. */
function leaseless(all: Record<string, unknown>): Record<string, unknown> {
  return { ...all, 'Lease/pvsnap': undefined };
}
