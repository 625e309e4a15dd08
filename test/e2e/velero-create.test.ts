/** `create --velero` and schedules over the real Velero: what it says it has done is looked at. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { KubeObject } from '../cluster/api.ts';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { claim } from '../cluster/objects.ts';
import type { Velero } from '../cluster/velero.ts';
import { openVelero, untilAvailable } from '../cluster/velero.ts';
import { waitUntil } from './kubectl.ts';
import { pvsnap, start } from './program.ts';
import { makeClaims, runStatefulSet } from './restore-app.ts';
import { handlesOf, resourcesOfClaims } from './velero-app.ts';

interface Made extends KubeObject {
  spec: { paused?: boolean; includedNamespaces?: string[]; ttl?: string; labelSelector?: object; hooks?: object };
}

interface Phased extends KubeObject {
  status?: { phase?: string };
}

describe('backups made by Velero', () => {
  test('over one server', async (t) => {
    const velero = await openVelero(t);
    const { home } = velero;

    await t.test('of a namespace: waited for, and looked at', async (inner) => {
      const namespace = await openApp(inner);
      const { code, stdout, stderr } = await create(namespace, velero, '--name', namespace.name, '--ttl', '24h');
      assert.deepEqual([code, stdout], [0, `backup.velero.io/${namespace.name} created\n`], stderr);
      assert.match(stderr, /^data-db-0 {2}hostdir {2}(creating|cutting|ready)$/m);
      assert.match(stderr, /2 of 2 claims have a snapshot in [\d.]+ s, skew [\d.]+ m?s, 2Gi/);
      const { spec } = await home.api.get<Made>('Backup', namespace.name, home.name);
      assert.deepEqual([spec.includedNamespaces, spec.ttl], [[namespace.name], '24h']);
      assert.equal((await handlesOf(namespace)).length, 2);

      const again = await create(namespace, velero, '--name', namespace.name);
      assert.deepEqual([again.code, again.stdout], [1, '']);
      assert.match(again.stderr, /Velero has a backup "test-\w+" already; nothing was made/);
    });

    await t.test('of a workload, and by labels', async (inner) => {
      const namespace = await openApp(inner);
      await namespace.apply([claim('loose', { labels: { app: 'other' } })]);
      const ofSet = await create(namespace, velero, 'sts/db', '--name', `${namespace.name}-sts`);
      assert.equal(ofSet.code, 0, ofSet.stderr);
      assert.match(ofSet.stderr, /2 of 2 claims have a snapshot/);
      const byLabel = await create(namespace, velero, '-l', 'app in (other)', '--name', `${namespace.name}-l`);
      assert.equal(byLabel.code, 0, byLabel.stderr);
      assert.match(byLabel.stderr, /1 of 1 claims have a snapshot/);
    });

    await t.test('a claim that the backup leaves out is a failure, whatever Velero says', async (inner) => {
      const namespace = await openApp(inner);
      const words = ['--include-resources', 'configmaps', '--name', namespace.name];
      const { code, stdout, stderr } = await create(namespace, velero, ...words);
      assert.deepEqual([code, stdout], [1, `backup.velero.io/${namespace.name} created\n`]);
      assert.match(stderr, /Velero says that test-\w+ is Completed; it does not hold what it was made for:/);
      assert.match(stderr, new RegExp(`${namespace.name}/data-db-0: is not in the backup`));
    });

    await t.test('of all namespaces, each of which may lack a claim', async (inner) => {
      const [one, two] = [await openNamespace(inner), await openNamespace(inner)];
      for (const namespace of [one, two]) {
        await makeClaims(namespace, ['data']);
        await namespace.kubectl('label', 'pvc/data', `part=${one.name}`);
      }
      const words = ['--include-namespaces', '*', '-l', `part=${one.name}`];
      const { code, stderr } = await create(one, velero, ...words, '--name', one.name);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^Velero takes test-\w+ of all namespaces$/m);
      assert.match(stderr, /2 of 2 claims have a snapshot/);
      const without = await create(
        one,
        velero,
        ...words,
        '--include-resources',
        'configmaps',
        '--name',
        `${one.name}-c`,
      );
      assert.equal(without.code, 1, without.stderr);
      assert.match(without.stderr, new RegExp(`${one.name}/data: is not in the backup`));
    });

    await t.test('that can not be looked at is said to be there, and is a failure', async (inner) => {
      const namespace = await openApp(inner);
      const words = ['--name', namespace.name, '--store-address', '127.0.0.1:9'];
      const { code, stdout, stderr } = await create(namespace, velero, ...words);
      assert.deepEqual([code, stdout], [1, `backup.velero.io/${namespace.name} created\n`], stderr);
      assert.match(stderr, /is Completed; .*\n {2}test-\w+: what it holds is not known: the store's address/);
      assert.doesNotMatch(stderr, /nothing was changed/);
    });

    await t.test('a schedule is made, listed, paused, let go on, and run', async (inner) => {
      const namespace = await openApp(inner);
      const name = `nightly-${namespace.name}`;
      const made = await create(namespace, velero, '--schedule', '0 2 * * *', '--name', name);
      assert.deepEqual([made.code, made.stdout], [0, `schedule.velero.io/${name} created\n`], made.stderr);
      // Velero writes this into a column, once.
      await home.waitFor<Phased>('Schedule', name, ({ status }) => status?.phase === 'Enabled');
      const ours = await pvsnap(namespace, 'get', 'schedules', '-n', home.name);
      const theirs = await namespace.kubectl('get', 'schedules.velero.io', '-n', home.name);
      const ageless = (text: string): string => text.replaceAll(/(?<= )(\d+[sm]){1,2} +/g, 'AGE');
      assert.equal(ageless(ours.stdout), ageless(theirs.stdout));
      assert.match(ours.stdout, /0 2 \* \* \*/);
      for (const [verb, paused] of [
        ['pause', true],
        ['unpause', false],
      ] as const) {
        const dry = await pvsnap(namespace, verb, `schedule/${name}`, '--dry-run=server', ...of(velero));
        assert.equal(dry.stdout, `schedule.velero.io/${name} ${verb}d (server dry run)\n`);
        const done = await pvsnap(namespace, verb, `schedule/${name}`, ...of(velero));
        assert.equal(done.stdout, `schedule.velero.io/${name} ${verb}d\n`, done.stderr);
        const { spec } = await home.api.get<Made>('Schedule', name, home.name);
        assert.equal(spec.paused ?? false, paused);
      }
      const ran = await pvsnap(namespace, 'run', `schedule/${name}`, ...of(velero));
      assert.equal(ran.code, 0, ran.stderr);
      assert.match(ran.stdout, new RegExp(`^backup.velero.io/${name}-\\d{14} created\n$`));
      assert.match(ran.stderr, /2 of 2 claims have a snapshot/);
      const sets = await pvsnap(namespace, 'get', 'sets', '-l', `velero.io/schedule-name=${name}`, '--no-headers');
      assert.match(sets.stdout, new RegExp(`^velero/${name}-\\d{14} `));
    });

    await t.test('a dry run makes nothing, and hooks are taken from a file', async (inner) => {
      const namespace = await openApp(inner);
      const file = join(home.cluster.directory, `${namespace.name}-hooks.yaml`);
      await writeFile(file, 'resources:\n- name: freeze\n');
      const words = ['--hooks', file, '--name', 'dry', '-o', 'json'];
      const { code, stdout, stderr } = await create(namespace, velero, ...words, '--dry-run=client');
      assert.equal(code, 0, stderr);
      const { items } = JSON.parse(stdout) as { items: Made[] };
      assert.deepEqual(items[0]?.spec.hooks, { resources: [{ name: 'freeze' }] });
      const onServer = await create(namespace, velero, '--name', 'dry', '--dry-run=server');
      assert.equal(onServer.stdout, 'backup.velero.io/dry created (server dry run)\n');
      assert.equal((await namespace.kubectl('get', 'backup/dry', '-n', home.name)).code, 1);
    });

    await t.test('Ctrl-C ends the wait, and the backup goes on', async (inner) => {
      const namespace = await openApp(inner);
      await namespace.knob({ snapshotHang: true });
      const limited = ['--include-resources', resourcesOfClaims.join(',')];
      const running = start(namespace, 'create', '--velero', '--name', namespace.name, ...limited, ...of(velero));
      await running.says('InProgress');
      running.child.kill('SIGINT');
      const { code, stderr } = await running.finished;
      assert.equal(code, 130);
      assert.match(
        stderr,
        /stopped waiting for test-\w+\. It goes on; see how far it is: kubectl pvsnap describe set\/velero/,
      );
      await namespace.knob({});
      await home.waitFor<Phased>('Backup', namespace.name, ({ status }) => status?.phase === 'Completed');
    });

    await t.test('of namespaces that a pattern stands for', async (inner) => {
      const namespace = await openApp(inner);
      const { name } = namespace;
      const pattern = `${name.slice(0, -2)}[${name.slice(-2, -1)}]*`;
      const { code, stderr } = await create(namespace, velero, '--include-namespaces', pattern, '--name', name);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /2 of 2 claims have a snapshot/);
      const sets = await pvsnap(namespace, 'get', 'sets', '--no-headers');
      assert.ok(sets.stdout.startsWith(`velero/${name} `) && sets.stdout.includes(`namespace/${pattern}`), sets.stdout);
    });

    await t.test('bad words are refused', async (inner) => {
      const namespace = await openNamespace(inner);
      for (const [words, exit, expected] of [
        [
          ['--schedule', '0 2 * *', '--name', 'x'],
          2,
          /--schedule "0 2 \* \*": expected five fields such as "0 2 \* \* \*"/,
        ],
        [['--schedule', '0 24 * * *', '--name', 'x'], 2, /--schedule "0 24 \* \* \*": hour: "24" is not within 0-23/],
        [
          ['--storage-location', 'elsewhere'],
          1,
          /elsewhere +there is no such BackupStorageLocation\n +there are: default/,
        ],
        [['--schedule', '@daily'], 2, /--schedule needs --name/],
        [['--ttl', 'soon'], 2, /--ttl "soon": expected a duration such as 720h/],
        [['pvc/data'], 1, /Velero can't be told a claim by its name; use its labels/],
        [['--hooks', '/no/such/file'], 2, /--hooks "\/no\/such\/file": ENOENT/],
        [['-l', 'a b'], 2, /-l "a b": expected labels/],
      ] as const) {
        const { code, stdout, stderr } = await create(namespace, velero, ...words);
        assert.deepEqual([code, stdout], [exit, ''], stderr);
        assert.match(stderr, expected);
      }
      const without = await pvsnap(namespace, 'create', 'pvc/x', '--ttl', '1h');
      assert.deepEqual([without.code, without.stderr.includes('--ttl goes with --velero')], [2, true]);
    });

    await t.test('that somebody deletes meanwhile is waited for no longer', async (inner) => {
      const namespace = await openApp(inner);
      // A server that works on it would go on with it.
      await home.kubectl('scale', 'deployment/velero', '--replicas=0');
      await waitUntil(home, 'pod', '-l=app=velero', '--for=delete');
      const running = start(namespace, 'create', '--velero', '--name', namespace.name, ...of(velero));
      await running.says(`${namespace.name}  New`);
      await home.kubectl('delete', `backup/${namespace.name}`);
      const { code, stderr } = await running.finished;
      assert.equal(code, 1);
      assert.match(stderr, /error: backup test-\w+ was deleted before it had ended/);
    });
  });

  test('by a server without EnableCSI are Completed, hold nothing, and are a failure', async (t) => {
    const velero = await openVelero(t, { csi: false });
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['data']);
    const { code, stderr } = await create(namespace, velero, '--name', namespace.name);
    assert.equal(code, 1);
    assert.match(stderr, /is Completed; it does not hold what it was made for:/);
    assert.match(stderr, /\/data: holds no snapshot: the Velero server runs without --features=EnableCSI/);
    const sets = await pvsnap(namespace, 'get', 'sets', '-o', 'wide', '--no-headers');
    assert.match(sets.stdout, /0\/0 .* Completed, holds no snapshot/);
    const restored = await pvsnap(namespace, 'restore', `velero/${namespace.name}`, '--yes');
    assert.equal(restored.code, 1);
    assert.match(restored.stderr, /the backup holds nothing of its data/);
  });
});

async function openApp(t: TestContext): Promise<TestNamespace> {
  const namespace = await openNamespace(t);
  await runStatefulSet(namespace, 'db');
  return namespace;
}

function of({ home }: Velero): string[] {
  return ['--velero-namespace', home.name];
}

async function create(namespace: TestNamespace, velero: Velero, ...words: string[]): ReturnType<typeof pvsnap> {
  const resources = words.includes('--include-resources') ? [] : ['--include-resources', resourcesOfClaims.join(',')];
  await untilAvailable(velero.home);
  return pvsnap(namespace, 'create', '--velero', ...words, ...resources, ...of(velero));
}
