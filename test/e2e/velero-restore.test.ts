/** `restore velero/BACKUP` over the real Velero: its snapshots in place, while the claims are there. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { V1ConfigMap, V1StatefulSet } from '@kubernetes/client-node';
import type { KubeObject } from '../cluster/api.ts';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import type { Velero } from '../cluster/velero.ts';
import { openVelero } from '../cluster/velero.ts';
import { entering, interruptedAt, succeed } from './interrupted.ts';
import { pvsnap } from './program.ts';
import { fill, runStatefulSet } from './restore-app.ts';
import { assertRestored } from './restore-checks.ts';
import { assertOnStorage, backUpClaims, importedObjects, runVelero, sideBySide } from './velero-app.ts';

const claims = ['data-db-0', 'data-db-1'];

interface App {
  velero: Velero;
  namespace: TestNamespace;
  /** As `restore` takes it. */
  set: string;
  handles: string[];
}

/** A StatefulSet whose claims have `after`, and a backup of when they had `before`. */
async function openApp(t: TestContext, velero: Velero): Promise<App> {
  const namespace = await openNamespace(t);
  await runStatefulSet(namespace, 'db');
  const { set, handles } = await backUpClaims(velero, namespace);
  await fill(namespace, claims, 'after');
  return { velero, namespace, set, handles };
}

async function assertInPlace({ namespace, handles }: App, has: string, parked: string[]): Promise<void> {
  await assertRestored(namespace, {
    claims: Object.fromEntries(claims.map((claim) => [claim, has])),
    parked: parked.flatMap((text) => claims.map((claim): [string, string] => [claim, text])),
  });
  assert.deepEqual(await importedObjects(namespace), []);
  await assertOnStorage(namespace, handles);
  const { spec, status } = await namespace.api.get<V1StatefulSet>('StatefulSet', 'db', namespace.name);
  assert.deepEqual([spec?.replicas, status?.readyReplicas], [2, 2]);
}

describe("backups of Velero's", () => {
  test('over one server', { concurrency: 3 }, async (t) => {
    const velero = await openVelero(t);
    const { add: together, end } = sideBySide(t);

    together('are restored in place where Velero itself changes nothing, and can be undone', async (inner) => {
      const app = await openApp(inner, velero);
      const backup = app.set.replace('velero/', '');
      assert.equal(await runVelero(velero, 'Restore', `${backup}-by-velero`, { backupName: backup }), 'Completed');
      assert.equal(await app.namespace.read('data-db-0', 'data'), 'data-db-0: after');
      const leftByVelero = await app.namespace.kubectl('get', 'vs', '-o', 'name');
      assert.notEqual(leftByVelero.stdout, '');

      const { code, stdout, stderr } = await pvsnap(app.namespace, 'restore', app.set, '--yes');

      assert.equal(code, 0, stderr);
      assert.match(stderr, /import +2 snapshots of velero\/of-\S+, for the time of the restore; they stay on storage/);
      assert.match(stderr, /Restored 2 volumes from velero\/of-\S+ The workload was down for/);
      await assertInPlace(app, 'before', ['after']);
      const [, operation = ''] = /^operation\/(\S+) completed\n$/.exec(stdout) ?? [];
      await succeed(app.namespace, 'undo', operation);
      await assertInPlace(app, 'after', ['before']);
      assert.equal((await app.namespace.kubectl('get', 'vs', '-o', 'name')).stdout, leftByVelero.stdout);
    });

    together('stand among the sets, and are described with their handles', async (inner) => {
      const { namespace, set, handles } = await openApp(inner, velero);
      const listed = await pvsnap(namespace, 'get', 'sets', '--no-headers', '-o', 'wide');
      assert.match(
        listed.stdout,
        new RegExp(`^${set} +namespace/${namespace.name} +2/2 .* velero +Completed, expires in 29d`),
      );
      const one = await pvsnap(namespace, 'get', 'sets', set, '-o', 'json');
      assert.match(one.stdout, /"phase": "Completed"/);
      const described = await pvsnap(namespace, 'describe', `set/${set}`);
      assert.equal(described.code, 0, described.stderr);
      for (const handle of handles) assert.match(described.stdout, new RegExp(`snapshot +${handle} +hostdir`));
      assert.match(described.stdout, /Skew: +[\d.]+ m?s/);
      assert.deepEqual(await requestsFor(velero, set), []);
    });

    together('bring back claims that are gone, from what the backup has of them', async (inner) => {
      const app = await openApp(inner, velero);
      const { namespace } = app;
      await namespace.kubectl('delete', 'sts/db', '--wait');
      await namespace.kubectl('delete', 'pvc', '--all', '--wait');
      await succeed(namespace, 'restore', app.set);
      await assertRestored(namespace, { claims: { 'data-db-0': 'before', 'data-db-1': 'before' } });
      assert.deepEqual(await importedObjects(namespace), []);
      await assertOnStorage(namespace, app.handles);
    });

    together('can be restored beside, and into another namespace, with --only some claims', async (inner) => {
      const { namespace, set, handles } = await openApp(inner, velero);
      const other = await openNamespace(inner);
      const made = await pvsnap(namespace, 'restore', set, '--as-new', '--only', 'pvc/data-db-1', '--yes');
      assert.equal(made.code, 0, made.stderr);
      const [, name = ''] = /data-db-1 -> (\S+)/.exec(made.stderr) ?? [];
      assert.equal(await namespace.read(name, 'data'), 'data-db-1: before');
      assert.equal(await namespace.read('data-db-1', 'data'), 'data-db-1: after');

      const moved = await pvsnap(namespace, 'restore', set, '--to-namespace', other.name, '--yes');
      assert.equal(moved.code, 0, moved.stderr);
      await assertRestored(other, { claims: { 'data-db-0': 'before', 'data-db-1': 'before' } });
      for (const place of [namespace, other]) assert.deepEqual(await importedObjects(place), []);
      await assertOnStorage(namespace, handles);
    });

    for (const [step, verb, has] of [
      ['stage', 'resume', 'before'],
      ['stage', 'undo', 'after'],
      ['swap', 'resume', 'before'],
      ['swap', 'undo', 'after'],
      ['tidy', 'resume', 'before'],
      ['tidy', 'undo', 'after'],
    ] as const) {
      together(`killed before ${step}, ${verb} leaves nothing of it, and everything on storage`, async (inner) => {
        const app = await openApp(inner, velero);
        const operation = await interruptedAt(app.namespace, entering('restore', step), 'restore', app.set);
        await succeed(app.namespace, verb, operation);
        const isTouched = step !== 'stage';
        await assertInPlace(app, has, verb === 'resume' ? ['after'] : isTouched ? ['before'] : []);
      });
    }

    together('killed, and what was imported is deleted: resume imports it again from the backup', async (inner) => {
      const app = await openApp(inner, velero);
      const operation = await interruptedAt(app.namespace, entering('restore', 'stage'), 'restore', app.set);
      await deleteImported(app.namespace, operation);
      await succeed(app.namespace, 'resume', operation);
      await assertInPlace(app, 'before', ['after']);
    });

    together('a record that names the snapshot of somebody else brings none of it', async (inner) => {
      const [app, other] = await Promise.all([openApp(inner, velero), openApp(inner, velero)]);
      const { namespace, handles } = app;
      const operation = await interruptedAt(namespace, entering('restore', 'stage'), 'restore', app.set);
      await deleteImported(namespace, operation);
      const name = `pvsnap-${operation}`;
      const { data } = await namespace.api.get<V1ConfigMap & KubeObject>('ConfigMap', name, namespace.name);
      const forged = handles.reduce(
        (plan, handle, index) => plan.replaceAll(handle, other.handles[index] ?? ''),
        data?.plan ?? '',
      );
      assert.notEqual(forged, data?.plan);
      await namespace.api.patch({ kind: 'ConfigMap', name, namespace: namespace.name }, { data: { plan: forged } });
      const { code, stderr } = await pvsnap(namespace, 'resume', operation, '--yes');
      assert.equal(code, 1);
      assert.match(stderr, /what stood for its snapshot .* is not there, or is another/);
      await assertInPlace(app, 'after', []);
    });

    together('are not taken for a snapshot that somebody has given their label', async (inner) => {
      const app = await openApp(inner, velero);
      const { namespace, set } = app;
      await namespace.apply([snapshotOf('data-db-0', { 'velero.io/backup-name': set.replace('velero/', '') })]);
      await namespace.waitFor<Ready>('VolumeSnapshot', 'forged', ({ status }) => status?.readyToUse === true);
      const listed = await pvsnap(namespace, 'get', 'sets', '--no-headers');
      assert.match(listed.stdout, new RegExp(`^${set} .* 2/2 .*\n$`));
      await succeed(namespace, 'restore', set);
      await assertRestored(namespace, {
        claims: { 'data-db-0': 'before', 'data-db-1': 'before' },
        parked: claims.map((claim): [string, string] => [claim, 'after']),
      });
    });

    together('are refused with the way out', async (inner) => {
      const { namespace, set } = await openApp(inner, velero);
      const other = await openNamespace(inner);
      for (const [place, words, expected] of [
        [namespace, ['velero/none'], /there is no backup "none" of Velero; see: kubectl pvsnap get sets -A/],
        [
          other,
          [set],
          new RegExp(`holds no claim of namespace ${other.name}\\n +it has claims of: ${namespace.name} \\(-n\\)`),
        ],
        [namespace, [set, '--only', 'pvc/x'], /holds no claim x\n +it has: data-db-0, data-db-1/],
        [
          namespace,
          [set, '--strategy', 'replace'],
          /its claims can only be swapped, and --strategy replace was asked for/,
        ],
        [namespace, [set, '--to-namespace', 'no-such'], /namespaces "no-such" not found/],
      ] as const) {
        const { code, stdout, stderr } = await pvsnap(place, 'restore', ...words, '--yes');
        assert.deepEqual([code, stdout], [1, ''], stderr);
        assert.match(stderr, expected);
      }
      const usage = await pvsnap(namespace, 'restore', 'one', '--to-namespace', 'x', '--yes');
      assert.deepEqual([usage.code, usage.stdout], [2, ''], usage.stderr);
    });

    await end();
    await t.test('whose store is down are refused, and restored once it is up', async (inner) => {
      const app = await openApp(inner, velero);
      await velero.stopStore();
      try {
        const { code, stderr } = await pvsnap(app.namespace, 'restore', app.set, '--yes');
        assert.equal(code, 1);
        assert.match(stderr, /the store's address 127\.0\.0\.1:\d+ can't be reached from here: connect ECONNREFUSED/);
        assert.match(stderr, /--store-address/);
      } finally {
        await velero.startStore();
      }
      await succeed(app.namespace, 'restore', app.set);
      await assertInPlace(app, 'before', ['after']);
    });
  });
});

type Ready = KubeObject & { status?: { readyToUse?: boolean } };

function snapshotOf(claim: string, labels: Record<string, string>): KubeObject & { spec: object } {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { name: 'forged', labels },
    spec: { source: { persistentVolumeClaimName: claim } },
  };
}

async function deleteImported(namespace: TestNamespace, operation: string): Promise<void> {
  for (const kind of ['vs', 'vsc']) await namespace.kubectl('delete', kind, '-l', `pvsnap.io/operation=${operation}`);
}

/** What the program asks Velero for, and takes away again. Files of other backups are read meanwhile. */
async function requestsFor({ home }: Velero, set: string): Promise<string[]> {
  const { stdout } = await home.kubectl('get', 'downloadrequests', '-o', 'jsonpath={.items[*].spec.target.name}');
  return stdout.split(' ').filter((backup) => backup === set.replace('velero/', ''));
}
