/** `create` without a target on a terminal: a list to choose from. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { TestNamespace } from '../cluster/namespace.ts';
import { deployment, statefulSet } from '../cluster/objects.ts';
import { isRolledOut } from '../cluster/states.ts';
import { claimOf, openClaims, snapshotsIn } from './claims.ts';
import { startOnTerminal } from './terminal.ts';

// util-linux, which has the pseudo-terminal, is on Linux alone.
describe('create on a terminal', { concurrency: 2, skip: process.platform !== 'linux' }, () => {
  test('offers the workloads with their claims; typed letters narrow the list, Enter chooses', async (t) => {
    const namespace = await layOut(t);
    const program = startOnTerminal(namespace, 'create', '--name', 'chosen');
    await program.says('Snapshot which workload?');
    await Promise.all([program.says(/statefulset\/db +\S.*data-db-0/), program.says(/deployment\/web +\S.*files/)]);
    program.type('web');
    await program.says(/Snapshot which workload\?[^\n]* web/);
    program.type('\r');
    const { code, text } = await program.finished;
    assert.equal(code, 0, text);
    assert.match(text, /^ +files +hostdir +ready +1Gi +\+0 ms/m);
    assert.match(text, /^snapshotset\/chosen created/m);
    assert.deepEqual((await snapshotsIn(namespace)).map(claimOf), ['files']);
  });

  test('Esc leaves it with nothing made', async (t) => {
    const namespace = await layOut(t);
    const program = startOnTerminal(namespace, 'create');
    await program.says('Snapshot which workload?');
    program.type('\u001b');
    const { code } = await program.finished;
    assert.equal(code, 130);
    assert.deepEqual(await snapshotsIn(namespace), []);
  });
});

async function layOut(t: TestContext): Promise<TestNamespace> {
  const namespace = await openClaims(t, ['files']);
  await namespace.apply([deployment('web', ['files']), deployment('bare', []), statefulSet('db', { replicas: 1 })]);
  await namespace.waitFor('StatefulSet', 'db', isRolledOut);
  return namespace;
}
