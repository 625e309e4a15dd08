/** The checks that only look at what was read. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SnapshotClass, Volume } from '../../../src/cluster/objects.ts';
import type { Schedule, StorageLocation } from '../../../src/velero/resources.ts';
import { checkBackups } from '../../../src/velero/doctor/backups.ts';
import { checkClasses, driversInUse } from '../../../src/velero/doctor/classes.ts';
import type { Seen } from '../../../src/velero/doctor/check.ts';
import { checkGroups, groupLabel } from '../../../src/velero/doctor/groups.ts';
import { checkLocations } from '../../../src/velero/doctor/locations.ts';
import { checkSchedules, longestGapMs } from '../../../src/velero/doctor/schedules.ts';
import { checkServer } from '../../../src/velero/doctor/server.ts';
import { ago, app, backup, claimFrom, home, hoursAgo, nowMs, server } from './objects.ts';

const wrong = ({ findings }: Seen): string[] => findings.map(({ about, problem }) => `${about} ${problem}`);
const csi = ['--features=EnableCSI'];

describe('checkServer', () => {
  test('takes the feature in each way that it may be written', () => {
    for (const args of [csi, ['--features', 'EnableCSI'], ['--features=Other,EnableCSI', '--log-level=debug']]) {
      assert.deepEqual(wrong(checkServer(server(args), home)), []);
    }
    for (const args of [[], ['--features='], [...csi, '--features=Other']]) {
      assert.match(wrong(checkServer(server(args), home))[0] ?? '', /runs without --features=EnableCSI/);
    }
  });

  test('tells its version, with or without a digest', () => {
    const seen = (image: string): string => checkServer(server(csi, { image }), home).seen[0] ?? '';
    assert.match(seen('registry:5000/velero/velero:v1.17.1'), /version v1\.17\.1, 1 of 1 ready/);
    assert.match(seen('velero/velero:v1.18.3@sha256:0123'), /version v1\.18\.3/);
    assert.match(seen('registry:5000/velero@sha256:0123'), /of a version that its image does not tell/);
  });

  test('says when it does not run, is scaled to 0, or is not there', () => {
    assert.match(wrong(checkServer(server(csi, { ready: 0 }), home))[0] ?? '', /doesn't run: no replica is ready/);
    assert.match(wrong(checkServer(server(csi, { ready: 0, replicas: 0 }), home))[0] ?? '', /is scaled to 0/);
    assert.match(wrong(checkServer(undefined, home))[0] ?? '', /namespace velero has no Deployment/);
  });
});

describe('checkLocations', () => {
  const location = (status: StorageLocation['status'], spec: StorageLocation['spec'] = {}): StorageLocation => ({
    apiVersion: 'velero.io/v1',
    kind: 'BackupStorageLocation',
    metadata: { name: 'default', namespace: home },
    spec,
    ...(status && { status }),
  });
  const check = (one: StorageLocation, args: string[] = []): Seen =>
    checkLocations([one], { namespace: home, deployment: server(args), nowMs, ago });

  test('says when it is not Available, in the words of the server', () => {
    assert.match(
      wrong(check(location({ phase: 'Unavailable', message: 'no such host' })))[0] ?? '',
      /is Unavailable: .*: no such host$/,
    );
    assert.match(wrong(check(location(undefined)))[0] ?? '', /is not looked at yet/);
    assert.match(
      wrong(checkLocations([], { namespace: home, deployment: undefined, nowMs, ago }))[0] ?? '',
      /no BackupStorageLocation/,
    );
  });

  test('says when nobody has looked at it for longer than its frequency', () => {
    const available = { phase: 'Available', lastValidationTime: hoursAgo(1) };
    assert.match(wrong(check(location(available)))[0] ?? '', /was last looked at 60m ago: the server is stuck/);
    assert.deepEqual(wrong(check(location({ ...available, lastValidationTime: hoursAgo(0.1) }))), []);
    assert.deepEqual(wrong(check(location(available, { validationFrequency: '1h' }))), []);
    assert.deepEqual(wrong(check(location(available, { validationFrequency: '0s' }))), []);
    assert.deepEqual(wrong(check(location(available), ['--store-validation-frequency=0'])), []);
  });

  test('says when the default is read-only', () => {
    const available = { phase: 'Available', lastValidationTime: hoursAgo(0) };
    assert.match(wrong(check(location(available, { accessMode: 'ReadOnly', default: true })))[0] ?? '', /read-only/);
    const other = check(location(available, { accessMode: 'ReadOnly' }));
    assert.deepEqual(wrong(other), []);
    assert.match(other.seen[0] ?? '', /read-only/);
  });
});

describe('checkClasses', () => {
  const snapshotClass = (name: string, labels: Record<string, string> = {}, isDefault?: string): SnapshotClass => ({
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotClass',
    metadata: {
      name,
      labels,
      annotations: isDefault === undefined ? {} : { 'snapshot.storage.kubernetes.io/is-default-class': isDefault },
    },
    driver: 'csi',
    deletionPolicy: 'Delete',
  });
  const label = { 'velero.io/csi-volumesnapshot-class': 'true' };
  const check = (...classes: SnapshotClass[]): Seen => checkClasses(classes, new Map([['csi', 2]]));

  test('takes the labelled one, else the default, else the only one, as Velero does', () => {
    assert.deepEqual(check(snapshotClass('a', {}, 'true'), snapshotClass('b', label)).seen, ['driver csi: class b']);
    assert.deepEqual(check(snapshotClass('a'), snapshotClass('b', {}, 'false')).seen, ['driver csi: class b']);
    assert.deepEqual(check(snapshotClass('a')).seen, ['driver csi: class a']);
  });

  test('says how to label one where there are several, or none', () => {
    const several = check(snapshotClass('a'), snapshotClass('b'));
    assert.deepEqual(wrong(several), ['driver csi has 2 classes, and none is chosen: a, b']);
    assert.match(
      several.findings[0]?.remedy ?? '',
      /kubectl label volumesnapshotclass\/a velero\.io\/csi-volumesnapshot-class=true/,
    );
    assert.match(
      wrong(check(snapshotClass('a', label), snapshotClass('b', label)))[0] ?? '',
      /which one Velero takes is chance/,
    );
    assert.deepEqual(wrong(check()), [
      'driver csi has no VolumeSnapshotClass: Velero takes no snapshot of its 2 volumes',
    ]);
  });

  test('counts bound volumes of CSI drivers, of one namespace or of all', () => {
    const volume = (namespace: string, phase = 'Bound', driver = 'csi'): Volume => ({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'pv' },
      spec: { claimRef: { namespace }, ...(driver !== '' && { csi: { driver, volumeHandle: 'v' } }) },
      status: { phase },
    });
    const volumes = [volume(app), volume('other'), volume(app, 'Released'), volume(app, 'Bound', '')];
    assert.deepEqual([...driversInUse(volumes, undefined)], [['csi', 2]]);
    assert.deepEqual([...driversInUse(volumes, app)], [['csi', 1]]);
  });
});

describe('checkGroups', () => {
  const grouped = [claimFrom('data-0', '', 'Bound')];
  const check = (versions: string[], image?: string): Seen =>
    checkGroups(grouped, { label: 'l', versions, deployment: server([], { ...(image !== undefined && { image }) }) });

  test('says where the controller speaks another version than Velero', () => {
    assert.match(
      wrong(check(['v1', 'v1beta2']))[0] ?? '',
      /1 claim has the label l, .*Velero up to 1\.18 .*\(kafka\/data-0\)$/,
    );
    assert.match(wrong(check([]))[0] ?? '', /doesn't serve/);
    assert.deepEqual(wrong(check(['v1beta2', 'v1beta1'])), []);
    assert.deepEqual(wrong(check(['v1'], 'velero/velero:v1.19.0')), []);
    assert.deepEqual(wrong(checkGroups([], { label: 'l', versions: ['v1'], deployment: undefined })), []);
  });

  test('takes the label that the server was told', () => {
    assert.equal(groupLabel(undefined), 'velero.io/volume-group');
    assert.equal(groupLabel(server(['--volume-group-snapshot-label-key=mine'])), 'mine');
  });
});

describe('checkBackups', () => {
  const claims = [claimFrom('data-0', '', 'Bound')];
  const around = { claims, isCsiEnabled: true, nowMs };

  test('names Completed backups without any snapshot, with the likely cause', () => {
    const { findings } = checkBackups([backup('a'), backup('b')], { ...around, isCsiEnabled: false });
    assert.equal(findings.length, 1);
    assert.match(
      wrong({ seen: [], findings })[0] ?? '',
      /^2 backups Completed, and without any snapshot \(a, b\): the server runs without/,
    );
    const causeOf = (spec: Parameters<typeof backup>[1]): string =>
      wrong(checkBackups([backup('a', spec)], around))[0] ?? '';
    assert.match(causeOf({ includedResources: ['pods'] }), /asks for pods alone/);
    assert.match(causeOf({ labelSelector: {} }), /labels that it selects/);
    assert.match(causeOf({}), /may have run without --features=EnableCSI then/);
  });

  test('lets those be that hold their data in another way, or had none to hold', () => {
    const fine = [
      backup('a', {}, { csiVolumeSnapshotsAttempted: 1 }),
      backup('b', {}, { volumeSnapshotsAttempted: 1 }),
      backup('c', { snapshotVolumes: false }),
      backup('d', { snapshotMoveData: true }),
      backup('e', { defaultVolumesToFsBackup: true }),
      backup('f', { includedNamespaces: ['other'] }),
      backup('g', {}, { startTimestamp: hoursAgo(6) }),
    ];
    assert.deepEqual(wrong(checkBackups(fine, around)), []);
  });

  test('names those that failed in the last week', () => {
    const failed = (name: string, hours: number): ReturnType<typeof backup> =>
      backup(name, {}, { phase: 'PartiallyFailed', startTimestamp: hoursAgo(hours), errors: 2 });
    const found = wrong(
      checkBackups(
        [failed('old', 200), failed('new', 2), backup('f', {}, { phase: 'Failed', failureReason: 'found "x"' })],
        around,
      ),
    );
    assert.deepEqual(found, [
      'backup f Failed in the last 7 days: found "x"',
      'backup new PartiallyFailed in the last 7 days: 2 errors',
    ]);
  });
});

describe('checkSchedules', () => {
  const schedule = (cron: string, status: Schedule['status'], madeHoursAgo = 1000, paused = false): Schedule => ({
    apiVersion: 'velero.io/v1',
    kind: 'Schedule',
    metadata: { name: 's', namespace: home, creationTimestamp: hoursAgo(madeHoursAgo) },
    spec: { schedule: cron, template: {}, paused },
    ...(status && { status }),
  });
  const check = (...of: Parameters<typeof schedule>): string[] => wrong(checkSchedules([schedule(...of)], nowMs, ago));

  test('names those that are invalid or paused', () => {
    assert.match(
      check('x', { phase: 'FailedValidation', validationErrors: ['bad'] })[0] ?? '',
      /schedule s is not valid, .*: bad$/,
    );
    assert.match(check('0 1 * * *', {}, 1, true)[0] ?? '', /is paused/);
  });

  test('names those that have made no backup for longer than their cron can mean', () => {
    assert.match(check('0 1 * * *', {}, 26)[0] ?? '', /has never made a backup/);
    assert.deepEqual(check('0 1 * * *', {}, 24), []);
    assert.match(check('0 1 * * *', { lastBackup: hoursAgo(30) })[0] ?? '', /made its last backup 1800m ago/);
    assert.deepEqual(check('0 1 * * *', { lastBackup: hoursAgo(20) }), []);
    assert.deepEqual(check('0 1 * * *', { lastSkipped: hoursAgo(20) }), []);
    assert.deepEqual(check('0 1 * * 0', { lastBackup: hoursAgo(30) }), []);
  });

  test('bounds the gap between two runs from above', () => {
    const hours = (cron: string): number => longestGapMs(cron) / 3_600_000;
    assert.equal(hours('*/5 * * * *'), 25);
    assert.equal(hours('CRON_TZ=Europe/Berlin 0 1 * * *'), 25);
    assert.equal(hours('0 1 * * 1-5'), 8 * 24);
    assert.equal(hours('0 1 1 * *'), 32 * 24);
    assert.equal(hours('0 1 1 1 *'), 367 * 24);
    assert.equal(hours('@daily'), 25);
    assert.equal(hours('@weekly'), 8 * 24);
    assert.equal(hours('@every 48h'), 49);
  });
});
