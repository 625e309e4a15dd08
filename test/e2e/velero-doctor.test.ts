/** `doctor velero` over the real Velero. One server after the other: it listens on a fixed port. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { KubeObject } from '../cluster/api.ts';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { claim } from '../cluster/objects.ts';
import type { Velero } from '../cluster/velero.ts';
import { openVelero, untilAvailable } from '../cluster/velero.ts';
import { openClaims } from './claims.ts';
import { giveDocumentedRoles } from './documented-roles.ts';
import { pvsnap, run } from './program.ts';
import { allow } from './users.ts';
import { assertOnStorage, completeBackup, deleteBackup, resourcesOfClaims, runVelero } from './velero-app.ts';
import { examine, objectsIn, wrongIn } from './velero-doctor-app.ts';

const names = ['data-0', 'data-1'];
const fix = ['doctor', 'velero', '--fix'];

/** Restores a backup over its own claims: Velero leaves them alone, and its objects behind. @returns their handles */
async function restoreInPlace(velero: Velero, app: TestNamespace, backupName: string, name: string): Promise<string[]> {
  assert.equal(await runVelero(velero, 'Restore', name, { backupName }), 'Completed');
  const { snapshots, contents } = await objectsIn(app);
  assert.equal(snapshots.length, names.length);
  assert.ok(contents.every(({ spec }) => spec.deletionPolicy === 'Retain'));
  return contents.map(({ spec }) => spec.source.snapshotHandle ?? '');
}

describe('doctor velero', { concurrency: false }, () => {
  test('finds nothing where all is well, and what is wrong where it is not', async (t: TestContext) => {
    const velero = await openVelero(t);
    const app = await openClaims(t, names);
    const { name: backup } = await completeBackup(velero, app, 'first');
    await giveDocumentedRoles(t, velero.home, ['doctor', 'doctor-cluster', 'doctor-fix-cluster']);

    await t.test('all is well', async () => {
      await untilAvailable(velero.home);
      const { code, report, check } = await examine(velero, app, '--as', velero.home.name);
      assert.equal(wrongIn(report), '');
      assert.ok(report.checks.every(({ state }) => state === 'ok'));
      assert.equal(code, 0);
      assert.match(check('server').seen.join(), /version v1\.18\.3, 1 of 1 ready.*EnableCSI/);
      assert.match(check('stores').seen.join(), /store default: Available, last looked at \d+s ago/);
      assert.match(
        check('store files').seen.join(),
        new RegExp(`store default: a file of ${backup} can be read from here`),
      );
      assert.match(check('classes').seen.join(), /driver hostdir\.csi\.pvsnap\.io: class hostdir/);
      const { stdout, code: ofText } = await pvsnap(app, 'doctor', '--velero-namespace', velero.home.name);
      assert.match(stdout, /^ {2}server +ok +deployment\/velero in namespace/);
      assert.match(stdout, /\n\nNothing is wrong\.\n$/);
      assert.equal(ofText, 0);
    });

    await t.test('a user who may do little is told what was not looked at', async (s) => {
      const few = await openNamespace(s);
      const user = await allow(few, 'viewer', [
        { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['list'] },
      ]);
      const { code, stdout } = await pvsnap(
        few,
        'doctor',
        'velero',
        '--velero-namespace',
        velero.home.name,
        '--as',
        user,
      );
      assert.match(stdout, /server +not checked +you may not get deployments\.apps in namespace/);
      assert.match(stdout, /leftovers +not checked +you may not list/);
      assert.match(stdout, /Nothing is wrong with what could be looked at\. \d of \d checks could not be made\./);
      assert.equal(code, 0);
    });

    await t.test('what a restore left is named, and removed without what is on storage', async (s) => {
      const handles = await restoreInPlace(velero, app, backup, 'in-place');
      await untilAvailable(velero.home);
      const { code, report, check } = await examine(velero, app);
      assert.equal(code, 1);
      assert.match(wrongIn(report), /^leftovers: 2 snapshots, 2 contents left by 1 restore of Velero/);
      assert.match(check('leftovers').findings[0]?.remedy ?? '', /doctor velero --fix/);
      assert.deepEqual(report.leftovers.map(({ content }) => content?.handle).sort(), handles.sort());

      const unasked = await pvsnap(app, ...fix);
      assert.match(unasked.stderr, /there is no terminal to ask on: pass --yes/);
      assert.equal(unasked.code, 2);
      const shown = await pvsnap(app, ...fix, '--dry-run=client');
      assert.match(shown.stdout, /delete +NAMESPACE .* LEFT BY\n.*restore in-place/);
      const rules = [
        { apiGroups: ['snapshot.storage.k8s.io'], resources: ['volumesnapshots'], verbs: ['list'] },
        { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['list'] },
      ];
      const user = await allow(app, 'viewer', rules);
      const refused = await pvsnap(app, ...fix, '--yes', '--as', user);
      assert.match(refused.stderr, /Forbidden/);
      assert.equal(refused.code, 1);
      const tried = await pvsnap(app, ...fix, '--dry-run=server');
      assert.equal(tried.code, 0, tried.stderr);
      assert.equal((await objectsIn(app)).snapshots.length, 2);

      // One would take its snapshot on storage along, and a claim that waits for a pod still needs the other.
      const [first, second] = report.leftovers;
      const waiting = second?.snapshot?.name ?? '';
      await app.api.patch(
        { kind: 'VolumeSnapshotContent', name: first?.content?.name ?? '' },
        { spec: { deletionPolicy: 'Delete' } },
      );
      await app.apply([claim('waits', { storageClass: 'zonal', snapshot: waiting })]);
      const fixed = await pvsnap(app, ...fix, '--yes', '--as', velero.home.name);
      assert.equal(fixed.code, 0, fixed.stderr);
      assert.match(fixed.stderr, /keep +.*: claim waits is still Pending, and is made from it/);
      assert.match(fixed.stderr, /1 of the contents would take theirs along: they are made Retain first/);
      assert.deepEqual(
        (await objectsIn(app)).snapshots.map(({ metadata }) => metadata.name),
        [waiting],
      );
      await assertOnStorage(app, handles);

      const gone = app.waitFor('PersistentVolumeClaim', 'waits', (_, isDeleted) => isDeleted);
      await app.api.delete('PersistentVolumeClaim', 'waits', app.name);
      await gone;
      const rest = await pvsnap(app, ...fix, '--yes', '-o', 'name');
      assert.equal(rest.code, 0, rest.stderr);
      assert.equal(rest.stdout.split('\n').length, 3);
      assert.deepEqual(await objectsIn(app), { snapshots: [], contents: [] });
      await assertOnStorage(app, handles);
      s.diagnostic(`on storage still: ${handles.join(', ')}`);
    });

    await t.test('what points at the snapshots of a deleted backup', async () => {
      const { name: second } = await completeBackup(velero, app, 'second');
      await restoreInPlace(velero, app, second, 'again');
      await deleteBackup(velero, second);
      await untilAvailable(velero.home);
      const { report } = await examine(velero, app);
      assert.match(
        wrongIn(report),
        new RegExp(`^deleted backups: 2 snapshots, 2 contents left of 1 backup that is gone \\(${second}\\)`),
      );
      const { code, stderr } = await pvsnap(app, ...fix, '--yes');
      assert.equal(code, 0, stderr);
      assert.deepEqual(await objectsIn(app), { snapshots: [], contents: [] });
    });

    await t.test('schedules that make no backup, and groups that Velero can not serve', async () => {
      const spec = { includedNamespaces: [app.name], includedResources: resourcesOfClaims };
      const schedule = (name: string, parts: object): KubeObject => ({
        apiVersion: 'velero.io/v1',
        kind: 'Schedule',
        metadata: { name },
        spec: { schedule: '0 1 * * *', template: spec, ...parts },
      });
      await velero.home.apply([schedule('wrong', { schedule: 'at dawn' }), schedule('paused', { paused: true })]);
      await velero.home.waitFor<{ status?: { phase?: string } }>(
        'Schedule',
        'wrong',
        ({ status }) => status?.phase === 'FailedValidation',
      );
      await app.apply([claim('data-0', { labels: { 'velero.io/volume-group': 'one' } })]);
      const wrong = wrongIn((await examine(velero, app)).report);
      assert.match(wrong, /schedules: schedule wrong is not valid, and makes no backup: invalid schedule/);
      assert.match(wrong, /schedules: schedule paused is paused/);
      assert.match(
        wrong,
        /groups: 1 claim has the label velero\.io\/volume-group, and Velero can't snapshot groups here/,
      );
    });

    await t.test('a store that is gone', async () => {
      await velero.stopStore();
      await velero.home.waitFor<{ status?: { phase?: string } }>(
        'BackupStorageLocation',
        'default',
        ({ status }) => status?.phase === 'Unavailable',
      );
      const { check } = await examine(velero, app);
      assert.match(check('stores').findings[0]?.problem ?? '', /^is Unavailable: Velero can neither write nor read/);
      const [file] = check('store files').findings;
      assert.match(file?.problem ?? '', /can't be reached from here: .*ECONNREFUSED/);
      assert.match(file?.remedy ?? '', /--store-address/);
    });
  });

  test('a server without EnableCSI, and its empty backup', async (t) => {
    const velero = await openVelero(t, { csi: false });
    const app = await openClaims(t, names);
    const { name } = await completeBackup(velero, app, 'empty');
    const env = { KUBECONFIG: app.cluster.kubeconfig };
    const { code, stdout } = await run(['doctor', 'velero', '--velero-namespace', velero.home.name], env).finished;
    assert.match(stdout, /server +problem +deployment\/velero runs without --features=EnableCSI/);
    assert.match(
      stdout,
      new RegExp(`backup ${name} Completed, and without any snapshot: the server runs without --features=EnableCSI`),
    );
    assert.equal(code, 1);
  });
});
