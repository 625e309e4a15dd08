/** `get operations` and `describe`: what was restored, undone and interrupted, as the cluster shows it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import type { TestNamespace } from '../cluster/namespace.ts';
import { pvsnap, start } from './program.ts';
import { leaseOf, openApp } from './restore-app.ts';
import { list, parkedIn, stagingClaim } from './restore-checks.ts';
import { startOnTerminal } from './terminal.ts';
import { allow } from './users.ts';

/** Runs a verb that must succeed. @returns the operation that it names */
async function operate(namespace: TestNamespace, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await pvsnap(namespace, ...words, '--yes', '-o', 'name');
  assert.equal(code, 0, stderr);
  return stdout.trim().replace('operation/', '');
}

/** As when the machine goes down while the storage provisions. @returns the operation */
async function interrupt(namespace: TestNamespace, snapshots: readonly string[]): Promise<string> {
  await namespace.knob({ provisionHang: true });
  const restore = start(namespace, 'restore', ...snapshots, '--yes');
  await stagingClaim(namespace, restore);
  restore.child.kill('SIGKILL');
  await restore.finished;
  const [record] = await list<{ metadata: { name: string } }>(namespace, 'ConfigMap').then((all) =>
    all.filter(({ metadata }) => metadata.name.startsWith('pvsnap-')),
  );
  return record?.metadata.name.replace('pvsnap-', '') ?? assert.fail('no record');
}

async function get(namespace: TestNamespace, ...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await pvsnap(namespace, 'get', 'operations', ...flags);
  assert.deepEqual([code, stderr], [0, '']);
  return stdout;
}

/** The Lease as it stands where its holder is alive. */
async function hold(namespace: TestNamespace, operation: string, renewedMs: number): Promise<void> {
  await namespace.kubectl('delete', 'lease', 'pvsnap', '--ignore-not-found');
  await namespace.apply([leaseOf(`jane@laptop ${operation} ab12`, 30, renewedMs)]);
}

describe('get operations', { concurrency: 3 }, () => {
  test('shows a restore and its undo, with what is parked', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await operate(namespace, 'restore', ...snapshots);
    const [header, row, ...others] = (await get(namespace)).trimEnd().split('\n');
    assert.match(header ?? '', /^NAME +KIND +SET +TARGET +PHASE +CLAIMS +PARKED +AGE$/);
    const restored = `^${restore} +restore +vs/of-data-db-0 +statefulset/db +completed +1 +1, 1Gi +\\d+s$`;
    assert.match(row ?? '', new RegExp(restored));
    assert.deepEqual(others, []);

    const undo = await operate(namespace, 'undo', restore);
    const undone = `^${undo} +undo +${restore} +statefulset/db +completed +1 +1, 1Gi +\\d+s`;
    assert.match(await get(namespace, '--no-headers'), new RegExp(`${undone}\n$`));
    assert.match(await get(namespace, '-o', 'wide'), new RegExp(`${undone} +settle +<none> +data-db-0$`, 'm'));
    assert.equal(await get(namespace, undo, '-o', 'jsonpath={.status.parked} {.spec.undoes}'), `1 ${restore}`);
    assert.equal(await get(namespace, '-o', 'custom-columns=P:.status.phase', '--no-headers'), 'completed\n');
    assert.equal(await get(namespace, '-l', 'app=x', '--ignore-not-found'), '');
    assert.equal(await get(namespace, '--sort-by=.metadata.name', '-oname'), `operation/${undo}\n`);
    assert.match(await get(namespace, '-A'), new RegExp(`^${namespace.name} +${undo} `, 'm'));
    const { code, stdout, stderr } = await pvsnap(namespace, 'get', `operation/${undo}`, 'operation/gone', '-oname');
    const missing = 'Error from server (NotFound): operations "gone" not found\n';
    assert.deepEqual({ code, stdout, stderr }, { code: 1, stdout: `operation/${undo}\n`, stderr: missing });
  });

  test('tells an interrupted one from one that is at work, and shows it in red', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await interrupt(namespace, snapshots);
    const phase = (): Promise<string> => get(namespace, restore, '-o', 'jsonpath={.status.phase}');
    await hold(namespace, restore, Date.now() - 31_000);
    assert.equal(await phase(), 'interrupted');
    await hold(namespace, 'restore-other', Date.now());
    assert.equal(await phase(), 'interrupted');
    await hold(namespace, restore, Date.now());
    assert.equal(await phase(), 'stage');
    await namespace.kubectl('delete', 'lease', 'pvsnap');
    const { raw } = await startOnTerminal(namespace, 'get', 'operations').finished;
    assert.ok(raw.includes('\u001b[31minterrupted\u001b[39m'), raw);
  });

  test('lists what only volumes tell of, and passes over records that nobody can understand', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await operate(namespace, 'restore', ...snapshots);
    const broken = JSON.stringify({ plan: JSON.stringify({ ...planOf('restore-x', namespace), members: [null] }) });
    await namespace.kubectl('create', 'configmap', 'pvsnap-restore-x');
    await namespace.kubectl('patch', 'configmap', 'pvsnap-restore-x', '--type=merge', '-p', `{"data":${broken}}`);
    await namespace.kubectl('label', 'configmap', 'pvsnap-restore-x', 'pvsnap.io/operation=restore-x');
    await namespace.kubectl('delete', 'configmap', `pvsnap-${restore}`);
    const row = `${restore} +restore +<unknown> +pvc/data-db-0 +unrecorded +1 +1, 1Gi +<unknown>`;
    assert.match(await get(namespace, '--no-headers'), new RegExp(`^${row}\n$`));
    const shown = await pvsnap(namespace, 'describe', 'operation', restore);
    assert.match(shown.stdout, new RegExp(`kubectl pvsnap undo ${restore} --from-parked -n ${namespace.name}`));
  });

  test('says <unknown> where the user may not list volumes', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await operate(namespace, 'restore', ...snapshots);
    const rules = [{ apiGroups: [''], resources: ['configmaps', 'persistentvolumeclaims'], verbs: ['list', 'watch'] }];
    const user = await allow(namespace, 'jane', rules);
    assert.match(await get(namespace, '--as', user), new RegExp(`^${restore} .* completed +1 +<unknown> +\\d+s$`, 'm'));
    const { code, stdout, stderr } = await pvsnap(namespace, 'describe', `operation/${restore}`, '--as', user);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Volumes: +<unknown>/m);
  });

  test('-w shows each change, also that a Lease has run out', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await interrupt(namespace, snapshots);
    await hold(namespace, restore, Date.now());
    const { child, finished } = start(namespace, 'get', 'ops', '-w', '--output-watch-events');
    let stdout = '';
    child.stdout.on('data', (text: string) => (stdout += text));
    const shows = async (pattern: RegExp): Promise<void> => {
      while (!pattern.test(stdout)) await once(child.stdout, 'data');
    };
    await shows(new RegExp(`^ADDED +${restore} .* stage `, 'm'));
    await shows(new RegExp(`^MODIFIED +${restore} .* interrupted `, 'm'));
    await namespace.kubectl('delete', 'configmap', `pvsnap-${restore}`);
    await shows(new RegExp(`^DELETED +${restore} `, 'm'));
    child.kill('SIGINT');
    assert.deepEqual((await finished).stderr, '');
    assert.equal(stdout.trimEnd().split('\n').length, 4, stdout);
  });
});

describe('describe', { concurrency: 3 }, () => {
  test('operation: which steps are done, what is parked and what to do next', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await operate(namespace, 'restore', ...snapshots);
    const [parked] = await parkedIn(namespace);
    const { code, stdout, stderr } = await pvsnap(namespace, 'describe', `operation/${restore}`);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, new RegExp(`^Name: +${restore}\nNamespace: +${namespace.name}\n`));
    for (const step of ['stage', 'retain', 'stop', 'swap', 'start', 'settle']) {
      assert.match(stdout, new RegExp(`^ +${step} +done +`, 'm'));
    }
    assert.match(stdout, new RegExp(`^ +${parked?.metadata.name ?? ''} +parked +data-db-0 +1Gi +\\d+s +Delete`, 'm'));
    assert.match(stdout, new RegExp(`kubectl pvsnap undo ${restore} -n ${namespace.name}`));
    assert.match(stdout, new RegExp(`kubectl pvsnap commit ${restore} -n ${namespace.name}`));

    // What is observed, and not what the record remembers.
    await namespace.kubectl('scale', 'statefulset/db', '--replicas=0');
    await namespace.kubectl('delete', 'pv', parked?.metadata.name ?? '');
    const later = (await pvsnap(namespace, 'describe', 'operation', restore)).stdout;
    assert.match(later, /^ +retain +no +0 of 1 former volumes are kept/m);
    assert.match(later, /^ +start +no +statefulset\/db: 0 replicas, 1 wanted/m);
    assert.match(later, /^Volumes: +<none>/m);
  });

  test('operation: one that was interrupted can go on or back', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    const restore = await interrupt(namespace, snapshots);
    await namespace.kubectl('delete', 'lease', 'pvsnap', '--ignore-not-found');
    const message = 'it \u001b[31mfailed\u202e';
    const patch = JSON.stringify({ data: { phase: 'failed', message } });
    await namespace.kubectl('patch', 'configmap', `pvsnap-${restore}`, '--type=merge', '-p', patch);
    const { stdout } = await pvsnap(namespace, 'describe', 'op', restore);
    assert.match(stdout, /^Phase: +failed$/m);
    assert.match(stdout, /^Message: +it \^\[\[31mfailed\\u202e$/m);
    assert.match(stdout, /^ +stage +no +0 of 1 volumes are provisioned$/m);
    assert.match(stdout, /^ +swap +no +0 of 1 claims are swapped$/m);
    for (const verb of ['resume', 'undo']) assert.ok(stdout.includes(`kubectl pvsnap ${verb} ${restore} `), stdout);
    assert.ok(!stdout.includes(`commit ${restore}`));
  });

  test('set: members, snapshots, contents, handles, state and problems', async (t) => {
    const { namespace } = await openApp(t);
    const created = await pvsnap(namespace, 'create', 'statefulset/db', '--name', 'one');
    assert.equal(created.code, 0, created.stderr);
    const { code, stdout, stderr } = await pvsnap(namespace, 'describe', 'set/one');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^Taken By: +pvsnap$/m);
    assert.match(stdout, /^Target: +statefulset\/db$/m);
    assert.match(stdout, /^ +data-db-0 +snapshot-data-db-0-\d+ +snapcontent-\S+ +\S+ +ready +1Gi/m);
    await namespace.kubectl('annotate', 'vs', '--all', 'pvsnap.io/members=2', '--overwrite');
    assert.match((await pvsnap(namespace, 'describe', 'set', 'one')).stdout, /1 of 2 snapshots is gone/);
    const gone = await pvsnap(namespace, 'describe', 'set/gone');
    const missing = 'Error from server (NotFound): snapshotsets "gone" not found\n';
    assert.deepEqual(gone, { code: 1, stdout: '', stderr: missing });
    assert.equal((await pvsnap(namespace, 'describe', 'pod/x')).code, 2);
  });
});

function planOf(operation: string, { name }: TestNamespace): object {
  return { operation, namespace: name, kind: 'restore', source: { name: 's' }, workloads: [], steps: ['stage'] };
}
