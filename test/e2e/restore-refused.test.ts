/** What `restore` refuses, with all reasons at once and nothing touched. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openNamespace } from '../cluster/namespace.ts';
import type { KubeObject } from '../cluster/api.ts';
import { claim, pod, snapshot, statefulSet } from '../cluster/objects.ts';
import { isReady, isRolledOut, isRunning, type SnapshotState } from '../cluster/states.ts';
import { deleteClaims, waitUntil } from './kubectl.ts';
import { pvsnap } from './program.ts';
import { makeClaims, runStatefulSet, takeSet, takeSnapshots } from './restore-app.ts';
import { assertFailed, assertRestored, assertSafe, everythingIn, list } from './restore-checks.ts';

describe('restore refuses', { concurrency: 3 }, () => {
  test('users of the claims that it can not stop, each by name, and nothing else is named', async (t) => {
    const namespace = await openNamespace(t);
    const shared = ['bare', 'daemon', 'done', 'set'];
    await makeClaims(namespace, shared);
    const owner = await namespace.api.create<KubeObject & { metadata: { uid: string } }>(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'boss' } },
      namespace.name,
    );
    const managed = statefulSet('managed', { replicas: 1 });
    const { uid } = owner.metadata;
    Object.assign(managed.metadata, {
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'boss', uid, controller: true }],
    });
    const template = (app: string): object => ({ metadata: { labels: { app } }, spec: pod('', [app]).spec });
    const selector = (app: string): object => ({ selector: { matchLabels: { app } }, template: template(app) });
    await namespace.apply([
      pod('bare', ['bare']),
      { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'daemon' }, spec: selector('daemon') },
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: { name: 'set' },
        spec: { replicas: 1, ...selector('set') },
      },
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'done' },
        spec: { template: { spec: { ...(pod('', ['done']).spec as object), restartPolicy: 'Never' } } },
      },
      managed,
    ]);
    await Promise.all([
      namespace.waitFor('Pod', 'bare', isRunning),
      namespace.waitFor('StatefulSet', 'managed', isRolledOut),
      namespace.waitFor<{ status?: { numberReady?: number } }>(
        'DaemonSet',
        'daemon',
        (o) => (o.status?.numberReady ?? 0) > 0,
      ),
      namespace.waitFor<{ status?: { readyReplicas?: number } }>(
        'ReplicaSet',
        'set',
        (o) => o.status?.readyReplicas === 1,
      ),
      namespace.waitFor<{ status?: { succeeded?: number } }>('Job', 'done', (o) => o.status?.succeeded === 1),
    ]);
    const snapshots = await takeSnapshots(namespace, [...shared, 'data-managed-0']);
    const before = await everythingIn(namespace);

    const refused = await pvsnap(namespace, 'restore', ...snapshots, '--yes');

    assertFailed(refused, "can't be restored; nothing was changed", 'pod/bare', '--delete-bare-pods', 'job/done');
    assertFailed(refused, 'configmap/boss', 'its operator is not found', '--stop [NAMESPACE/]deployment/NAME');
    assert.doesNotMatch(refused.stderr, /daemonset\/daemon|replicaset\/set/);
    assert.deepEqual(await everythingIn(namespace), before);
  });

  test('what is wrong with snapshots and claims, all of it at once', async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['twice', 'unready', 'blocked', 'gone', 'strange']);
    const snapshots = await takeSnapshots(namespace, ['twice', 'blocked', 'gone', 'strange']);
    const manifest = claim('strange');
    Object.assign(manifest.spec as object, { storageClassName: '\u001b[2J\u009bcheap' });
    await namespace.kubectl('annotate', 'vs/of-strange', `pvsnap.io/claim=${JSON.stringify(manifest)}`);
    await namespace.apply([snapshot('again', 'twice')]);
    await namespace.waitFor('VolumeSnapshot', 'again', isReady);
    await deleteClaims(namespace, 'gone', 'strange');
    await namespace.knob({ snapshotFailure: { code: 'INTERNAL', message: 'quota \u001b[31mexceeded' } });
    await namespace.apply([snapshot('of-unready', 'unready'), snapshot('unfinished', 'blocked')]);
    // By then the controller has named its class on each, too.
    await Promise.all(['of-unready', 'unfinished'].map((name) => namespace.waitFor('VolumeSnapshot', name, hasFailed)));
    const before = await everythingIn(namespace);

    const refused = await pvsnap(
      ...([namespace, 'restore', ...snapshots, 'vs/again', 'vs/of-unready', '--yes', '--size=1Mi'] as const),
    );

    assertFailed(refused, '2 snapshots of it were named: ');
    assertFailed(refused, 'its snapshot is not ready: driver says "', 'quota \\x1b[31mexceeded');
    assertFailed(refused, 'another snapshot of it is unfinished (unfinished), and would block the swap');
    assertFailed(refused, 'the claim no longer exists, and its snapshot does not carry its manifest');
    assertFailed(refused, 'its storage class "^[[2J\\x9bcheap" does not exist');
    assertSafe(refused.stderr);
    assertFailed(refused, '--size 1Mi is less than its snapshot needs (1Gi)');
    assert.deepEqual(await everythingIn(namespace), before);
  });

  test('claims that are Pending or being deleted, and a snapshot of no claim', async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['pending', 'going']);
    const snapshots = await takeSnapshots(namespace, ['pending', 'going']);
    await deleteClaims(namespace, 'pending');
    await namespace.apply([
      claim('pending', { storageClass: 'zonal' }),
      pod('user', ['going']),
      madeBefore(namespace.name),
    ]);
    await namespace.waitFor('Pod', 'user', isRunning);
    await namespace.kubectl('delete', 'pvc/going', '--wait=false');
    const before = await everythingIn(namespace);
    const refused = await pvsnap(namespace, 'restore', ...snapshots, 'vs/foreign', '--yes');
    assertFailed(refused, 'the claim is Pending, not Bound', 'the claim is being deleted', 'names no claim');
    assert.deepEqual(await everythingIn(namespace), before);
  });

  test('a set that is incomplete, but not what is left of it; and what does not exist', async (t) => {
    const namespace = await openNamespace(t);
    await runStatefulSet(namespace, 'db');
    await takeSet(namespace, 'one', ['sts/db'], ['data-db-0', 'data-db-1']);
    const ofSecond = (await list(namespace, 'VolumeSnapshot')).find(({ metadata }) => metadata.name.includes('db-1'));
    await namespace.kubectl('delete', `vs/${ofSecond?.metadata.name ?? ''}`);
    const before = await everythingIn(namespace);

    const [incomplete, absent, other, missing, left] = await Promise.all([
      pvsnap(namespace, 'restore', 'one', '--yes'),
      pvsnap(namespace, 'restore', 'one', '--yes', '--only=pvc/data-db-1'),
      pvsnap(namespace, 'restore', 'vs/other', '--yes'),
      pvsnap(namespace, 'restore', 'missing', '--yes'),
      pvsnap(namespace, 'restore', 'one', '--dry-run=client', '--only=pvc/data-db-0'),
    ]);

    assertFailed(incomplete, 'it was taken of 2 claims, and 1 of its snapshots are gone', '--only pvc/data-db-0');
    assertFailed(absent, '--only names claims that the source has no snapshot of: data-db-1. It has: data-db-0');
    assertFailed(other, `there is no volumesnapshot "other" in namespace ${namespace.name}`);
    assertFailed(missing, `there is no set "missing" in namespace ${namespace.name}`);
    assert.equal(left.code, 0, left.stderr);
    assert.deepEqual(await everythingIn(namespace), before);
  });

  test('to begin without a terminal to ask on, and what it does not understand', async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['data']);
    const [word = ''] = await takeSnapshots(namespace, ['data']);
    const before = await everythingIn(namespace);
    const lines = [
      [word],
      [],
      [word, '--yes', '--size=big'],
      [word, 'one', '--yes'],
      [word, '--yes', '--timeout=soon'],
    ];
    const refused = await Promise.all(lines.map((words) => pvsnap(namespace, 'restore', ...words)));
    assert.deepEqual(
      refused.map(({ code, stdout }) => `${code}${stdout}`),
      ['2', '2', '2', '2', '2'],
    );
    const texts = ['pass --yes', 'needs a set or vs/NAME', '--size "big"', 'expected one set', '--timeout "soon"'];
    for (const [index, text] of texts.entries())
      assert.ok(refused[index]?.stderr.includes(text), refused[index]?.stderr);
    assert.deepEqual(await everythingIn(namespace), before);
  });

  test('a quota without room for what would be staged; and swaps in one that has just enough', async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['a', 'b']);
    const snapshots = await takeSnapshots(namespace, ['a', 'b']);
    await namespace.kubectl('create', 'quota', 'tight', '--hard=persistentvolumeclaims=2');
    const used = '--for=jsonpath={.status.used.persistentvolumeclaims}=2';
    await waitUntil(namespace, 'quota/tight', used);
    const before = await everythingIn(namespace);

    assertFailed(
      await pvsnap(namespace, 'restore', ...snapshots, '--yes'),
      'nothing was changed',
      'quota tight',
      'persistentvolumeclaims: 2 more are needed',
      'and 0 are free (2 of 2 are used)',
    );
    assert.deepEqual(await everythingIn(namespace), before);

    const hard = (claims: number): string => `--for=jsonpath={.status.hard.persistentvolumeclaims}=${claims}`;
    const grow = async (claims: number): Promise<void> => {
      const hard = { persistentvolumeclaims: String(claims) };
      await namespace.kubectl('patch', 'quota/tight', '--type=merge', '-p', JSON.stringify({ spec: { hard } }));
    };
    await grow(3);
    await waitUntil(namespace, 'quota/tight', hard(3));
    // The dry run of each claim alone would let it pass.
    assertFailed(await pvsnap(namespace, 'restore', ...snapshots, '--yes'), 'nothing was changed', '1 are free');
    await namespace.apply([limits('512Mi')]);
    assertFailed(
      await pvsnap(namespace, 'restore', ...snapshots, '--yes'),
      '1 are free',
      'its staging claim is refused: ',
      'maximum storage usage per PersistentVolumeClaim is 512Mi',
    );
    await namespace.kubectl('delete', 'limitrange/small');
    assert.deepEqual(await everythingIn(namespace), before);
    await grow(4);
    await waitUntil(namespace, 'quota/tight', hard(4));
    await waitUntil(namespace, 'quota/tight', used);
    const { code, stderr } = await pvsnap(namespace, 'restore', ...snapshots, '--yes');
    assert.equal(code, 0, stderr);
    await assertRestored(namespace, {
      claims: { a: 'before', b: 'before' },
      parked: [
        ['a', 'after'],
        ['b', 'after'],
      ],
    });
  });
});

function limits(storage: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'small' },
    spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage } }] },
  };
}

function hasFailed({ status }: SnapshotState): boolean {
  return status?.error !== undefined;
}

/** A snapshot of a content that somebody provisioned beforehand. */
function madeBefore(namespace: string): KubeObject {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { name: 'foreign', namespace },
    spec: { source: { volumeSnapshotContentName: `none-${namespace}` } },
  };
}
