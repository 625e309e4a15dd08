/** What `create` refuses, before anything is made. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { openNamespace, type TestNamespace } from '../cluster/namespace.ts';
import { claim, pod } from '../cluster/objects.ts';
import { isBound, isRunning } from '../cluster/states.ts';
import { limitSnapshots, openClaims, snapshotsIn } from './claims.ts';
import { claimOfVolume, openClusterWide, snapshotClass, volume } from './cluster-wide.ts';
import { pvsnap } from './program.ts';
import { allow } from './users.ts';

const isDefault = { 'snapshot.storage.kubernetes.io/is-default-class': 'true' };

describe('create refuses', { concurrency: 4 }, () => {
  test('claims that have no data, or lose it, or whose storage takes no snapshots; all at once', async (t) => {
    const namespace = await openClaims(t, ['good', 'leaving']);
    await namespace.apply([claim('pending', { storageClass: 'zonal' })]);
    await layOutVolumes(t, namespace);
    await Promise.all([makeLost(namespace), makeLeaving(namespace)]);

    const claims = ['good', 'leaving', 'pending', 'lost', 'plain', 'none', 'several'];
    const targets = [...claims, 'nowhere'].map((name) => `pvc/${name}`);
    const { code, stdout, stderr } = await pvsnap(namespace, 'create', ...targets, 'sts/nowhere', '--name', 'all');
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^error: all can't be taken; nothing was made\n\n/);
    const { name } = namespace;
    assertFinding(stderr, 'leaving', 'the claim is being deleted');
    assertFinding(stderr, 'pending', 'the claim is Pending, not Bound');
    assertFinding(stderr, 'lost', 'the claim is Lost: its volume is gone');
    assertFinding(stderr, 'plain', 'its volume is not of a CSI driver');
    assertFinding(stderr, 'none', `no VolumeSnapshotClass is the default for its driver none.${name}`, `${name}-2`);
    assertFinding(
      stderr,
      'several',
      `2 VolumeSnapshotClasses say they are the default for its driver several.${name}`,
      `choose with --class: ${name}-0, ${name}-1`,
    );
    assertFinding(stderr, 'pvc/nowhere', `not found in namespace ${name}`);
    assertFinding(stderr, 'statefulset/nowhere', `not found in namespace ${name}`);
    assert.doesNotMatch(stderr, /^ {2}good /m);
    assert.deepEqual(await snapshotsIn(namespace), []);
  });

  test('a class of another driver, and one that is not there', async (t) => {
    const namespace = await openClaims(t, ['data']);
    const { name } = namespace;
    await openClusterWide(t, namespace, [snapshotClass(name, `other.${name}`)]);
    const other = await pvsnap(namespace, 'create', 'pvc/data', '--class', name);
    const driver = 'hostdir.csi.pvsnap.io';
    const problem = `VolumeSnapshotClass "${name}" is for driver other.${name}, its volume is of ${driver}`;
    assertFinding(other.stderr, 'data', problem, 'hostdir');
    const absent = await pvsnap(namespace, 'create', 'pvc/data', '--class', 'absent');
    assertFinding(absent.stderr, 'data', 'there is no VolumeSnapshotClass "absent"', 'hostdir');
    assert.deepEqual([other.code, absent.code], [1, 1]);
    assert.deepEqual(await snapshotsIn(namespace), []);
  });

  test('a name that is taken', async (t) => {
    const namespace = await openClaims(t, ['data']);
    await pvsnap(namespace, 'create', 'pvc/data', '--name', 'nightly');
    const { code, stderr } = await pvsnap(namespace, 'create', 'pvc/data', '--name', 'nightly');
    assert.equal(code, 1);
    assertFinding(stderr, 'nightly', 'a set of that name exists', 'choose another with --name');
    assert.equal((await snapshotsIn(namespace)).length, 1);
  });

  test('a user who may not make snapshots, beside all else', async (t) => {
    const namespace = await openNamespace(t);
    await namespace.apply([claim('data', { storageClass: 'zonal' })]);
    const user = await allow(namespace, 'reader', [
      { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['list'] },
    ]);
    const { code, stderr } = await pvsnap(namespace, 'create', 'pvc/data', '--as', user);
    assert.equal(code, 1);
    const resource = 'volumesnapshots.snapshot.storage.k8s.io';
    for (const verb of ['create', 'watch']) assertFinding(stderr, 'you', `may not ${verb} ${resource}`);
    assertFinding(stderr, 'data', 'the claim is Pending');
  });

  test('what the server itself would refuse', async (t) => {
    const namespace = await openClaims(t, ['data']);
    await limitSnapshots(namespace, 0);
    const { code, stderr } = await pvsnap(namespace, 'create', 'pvc/data');
    assert.equal(code, 1);
    assert.match(stderr, /can't be taken; nothing was made\n\n {2}\S*data\S* +.*exceeded quota: few/);
    assert.deepEqual(await snapshotsIn(namespace), []);
  });

  test('a selector that matches no claim, and a namespace that is not there', async (t) => {
    const namespace = await openNamespace(t);
    const selected = await pvsnap(namespace, 'create', '-l', 'app=nothing');
    assertFinding(selected.stderr, '-l app=nothing', 'matches no claim');
    const elsewhere = await pvsnap({ ...namespace, name: 'nowhere' }, 'create', 'pvc/data');
    assertFinding(elsewhere.stderr, 'pvc/data', 'not found in namespace nowhere');
    assert.deepEqual([selected.code, elsewhere.code], [1, 1]);
  });
});

/** Volumes that other storage than the cluster's own would have made, each with a claim. */
async function layOutVolumes(t: TestContext, namespace: TestNamespace): Promise<void> {
  const { name } = namespace;
  const sources = {
    lost: { csi: { driver: `lost.${name}`, volumeHandle: 'x' } },
    plain: { hostPath: { path: '/data' } },
    none: { csi: { driver: `none.${name}`, volumeHandle: 'x' } },
    several: { csi: { driver: `several.${name}`, volumeHandle: 'x' } },
  };
  await openClusterWide(t, namespace, [
    ...Object.entries(sources).map(([claimName, source]) => volume(`${name}-${claimName}`, source)),
    snapshotClass(`${name}-0`, `several.${name}`, isDefault),
    snapshotClass(`${name}-1`, `several.${name}`, isDefault),
    snapshotClass(`${name}-2`, `none.${name}`),
  ]);
  const claimNames = Object.keys(sources);
  await namespace.apply(claimNames.map((claimName) => claimOfVolume(claimName, `${name}-${claimName}`)));
  await Promise.all(claimNames.map((claimName) => namespace.waitFor('PersistentVolumeClaim', claimName, isBound)));
}

/** Its volume goes, against the protection that it has. */
async function makeLost(namespace: TestNamespace): Promise<void> {
  const volumeName = `${namespace.name}-lost`;
  await namespace.api.delete('PersistentVolume', volumeName);
  await namespace.kubectl('patch', 'pv', volumeName, '--patch={"metadata":{"finalizers":null}}');
  const isLost = ({ status }: V1PersistentVolumeClaim): boolean => status?.phase === 'Lost';
  await namespace.waitFor('PersistentVolumeClaim', 'lost', isLost);
}

/** A claim stays until no pod uses it. */
async function makeLeaving(namespace: TestNamespace): Promise<void> {
  await namespace.apply([pod('user', ['leaving'])]);
  await namespace.waitFor('Pod', 'user', isRunning);
  await namespace.api.delete('PersistentVolumeClaim', 'leaving', namespace.name);
}

function assertFinding(stderr: string, about: string, problem: string, remedy = ''): void {
  const [start, rest, way] = [`  ${about} `, problem, remedy].map((text) =>
    text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
  assert.match(stderr, new RegExp(`^${start} +${rest}.*\n +.*${way}`, 'm'));
}
