/** `create` when all goes well: what it makes, what it prints, when it returns. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { parse } from 'yaml';
import type { KubeObject } from '../cluster/api.ts';
import { claim } from '../cluster/objects.ts';
import { isBound, isReady } from '../cluster/states.ts';
import { openClusterWide, snapshotClass } from './cluster-wide.ts';
import { claimOf, openClaims, snapshotsIn, snapshotsOf } from './claims.ts';
import { pvsnap, start } from './program.ts';

describe('create', { concurrency: 4 }, () => {
  test('takes one snapshot of each claim and waits until all are ready', async (t) => {
    const namespace = await openClaims(t, ['a', 'b'], { size: '2Gi' });
    const { code, stdout, stderr } = await pvsnap(namespace, 'create', 'pvc/a', 'pvc/b', '--name', 'before-upgrade');
    assert.deepEqual([code, stdout], [0, 'snapshotset/before-upgrade created\n']);

    const [first, blank, ...changes] = stderr.trimEnd().split('\n');
    const summary = changes.pop() ?? '';
    assert.deepEqual([first, blank], ['Taking set before-upgrade of pvc/a,pvc/b', '']);
    for (const change of changes) {
      assert.match(change, /^[ab] {2}hostdir {2}(creating|cutting|ready {2}2Gi( {2}\+\d+ ms)?)$/);
    }
    assert.equal(new Set(changes).size, changes.length, 'a line is said once');
    assert.match(summary, /^2 of 2 ready in [\d.]+ m?s, skew [\d.]+ m?s, 4Gi$/);

    const snapshots = await snapshotsIn(namespace);
    assert.deepEqual(snapshots.map(claimOf), ['a', 'b']);
    assert.ok(snapshots.every(isReady));
    const [, seconds = ''] = /^snapshot-a-(\d{10})$/.exec(snapshots[0]?.metadata.name ?? '') ?? [];
    assert.equal(snapshots[1]?.metadata.name, `snapshot-b-${seconds}`);
    assert.ok(Math.abs(Number(seconds) - Date.now() / 1000) < 60);
  });

  test('writes on each snapshot what a restore needs when all else is gone', async (t) => {
    const labels = { app: 'kafka', 'argocd.argoproj.io/instance': 'prod', 'app.kubernetes.io/instance': 'prod' };
    const annotations = { note: 'keep me' };
    const namespace = await openClaims(t, ['data'], { labels, annotations, size: '3Gi' });
    await pvsnap(namespace, 'create', '-l', 'app=kafka', '--name', 'nightly');

    const [snapshot] = await snapshotsIn(namespace);
    // Not those by which a GitOps tool would take the snapshot for its own, and prune it.
    assert.deepEqual(snapshot?.metadata.labels, { app: 'kafka', 'pvsnap.io/set': 'nightly' });
    const { 'pvsnap.io/claim': manifest = '', ...others } = snapshot.metadata.annotations ?? {};
    assert.deepEqual(others, { 'pvsnap.io/members': '1', 'pvsnap.io/target': '-l app=kafka' });
    assert.deepEqual(JSON.parse(manifest), {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: namespace.name, labels, annotations },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '3Gi' } },
        storageClassName: 'fast',
        volumeMode: 'Filesystem',
      },
    });
  });

  test('makes all snapshots before it waits for any', async (t) => {
    const names = ['a', 'b', 'c', 'd'];
    const namespace = await openClaims(t, names);
    await namespace.knob({ snapshotHang: true });
    const program = start(namespace, 'create', ...names.map((name) => `pvc/${name}`));
    await Promise.all(names.map((name) => program.says(`${name}  hostdir  creating`)));
    await namespace.knob({});
    const { code, stderr } = await program.finished;
    assert.equal(code, 0);
    assert.match(stderr, /^4 of 4 ready/m);
  });

  test('names the set after its first target, and prints only the name with -o name', async (t) => {
    const namespace = await openClaims(t, ['b', 'a']);
    const { stdout } = await pvsnap(namespace, 'create', 'pvc/b', 'pvc/a', '-o', 'name');
    assert.match(stdout, /^snapshotset\/b-\d{10}\n$/);
    const [snapshot] = await snapshotsIn(namespace);
    assert.equal(stdout, `snapshotset/${snapshot?.metadata.labels?.['pvsnap.io/set'] ?? ''}\n`);
  });

  test('shortens names that would be too long, with a hash', async (t) => {
    const long = 'x'.repeat(236);
    const namespace = await openClaims(t, [long]);
    const { stdout } = await pvsnap(namespace, 'create', `pvc/${long}`, '--dry-run=server', '-o', 'json');
    const [snapshot] = snapshotsOf(stdout);
    assert.match(snapshot?.metadata.name ?? '', /^snapshot-x{224}-[0-9a-f]{8}-\d{10}$/);
    assert.match(snapshot?.metadata.labels?.['pvsnap.io/set'] ?? '', /^x{43}-[0-9a-f]{8}-\d{10}$/);
  });

  test('uses the class that it is given', async (t) => {
    const namespace = await openClaims(t, ['data']);
    await openClusterWide(t, namespace, [snapshotClass(namespace.name, 'hostdir.csi.pvsnap.io')]);
    await pvsnap(namespace, 'create', 'pvc/data', '--class', namespace.name);
    const [snapshot] = await snapshotsIn(namespace);
    assert.equal(snapshot?.spec.volumeSnapshotClassName, namespace.name);
  });

  test('--dry-run=client makes nothing, and prints what kubectl can make a set of', async (t) => {
    const namespace = await openClaims(t, ['a', 'b']);
    const args = ['create', 'pvc/a', 'pvc/b', '--name', 'trial', '--dry-run=client'];
    const { stdout } = await pvsnap(namespace, ...args);
    assert.equal(stdout, 'snapshotset/trial created (dry run)\n');
    const yaml = await pvsnap(namespace, ...args, '-o', 'yaml');
    assert.deepEqual(await snapshotsIn(namespace), []);

    const { items } = parse(yaml.stdout) as { items: KubeObject[] };
    await namespace.apply(items);
    await Promise.all(items.map(({ metadata }) => namespace.waitFor('VolumeSnapshot', metadata.name, isReady)));
    const sets = await pvsnap(namespace, 'get', 'sets');
    assert.match(sets.stdout, /^trial +pvc\/a,pvc\/b +2\/2 /m);
  });

  test('--dry-run=server shows what the server would make of it', async (t) => {
    const namespace = await openClaims(t, ['a']);
    const { code, stdout } = await pvsnap(namespace, 'create', 'pvc/a', '--dry-run=server', '-o', 'json');
    assert.equal(code, 0);
    assert.match(snapshotsOf(stdout)[0]?.metadata.uid ?? '', /^[0-9a-f-]{36}$/);
    assert.deepEqual(await snapshotsIn(namespace), []);
  });

  test('--wait=false returns while the storage is still at work', async (t) => {
    const namespace = await openClaims(t, ['a']);
    await namespace.knob({ snapshotHang: true });
    const { code, stdout } = await pvsnap(namespace, 'create', 'pvc/a', '--name', 'soon', '--wait=false', '-o', 'json');
    assert.equal(code, 0);
    const [snapshot] = await snapshotsIn(namespace, '-l', 'pvsnap.io/set=soon');
    assert.equal(snapshot && isReady(snapshot), false);
    assert.equal(snapshotsOf(stdout)[0]?.metadata.uid, snapshot?.metadata.uid);
  });

  test('is taken of the data at that moment', async (t) => {
    const namespace = await openClaims(t, ['data']);
    await namespace.write('data', 'file', 'before');
    await pvsnap(namespace, 'create', 'pvc/data');
    await namespace.write('data', 'file', 'after');
    const [snapshot] = await snapshotsIn(namespace);
    await namespace.apply([claim('copy', { snapshot: snapshot?.metadata.name ?? '' })]);
    await namespace.waitFor<V1PersistentVolumeClaim>('PersistentVolumeClaim', 'copy', isBound);
    assert.equal(await namespace.read('copy', 'file'), 'before');
  });
});
