/** Somebody else is at work on the same claims at the same moment: nothing is lost, and both ways out work. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { V1PersistentVolumeClaim, V1StatefulSet } from '@kubernetes/client-node';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { claim } from '../cluster/objects.ts';
import { isBound, isRunning } from '../cluster/states.ts';
import { assertCame, meanwhile } from './held.ts';
import { deleteClaims, waitUntil } from './kubectl.ts';
import { pvsnap, start } from './program.ts';
import { makeClaims, openApp, runStatefulSet, takeSnapshots } from './restore-app.ts';
import {
  assertFailed,
  assertRestored,
  assertTakenBack,
  everythingIn,
  list,
  readVolume,
  recordsOf,
  volumesOf,
} from './restore-checks.ts';

describe('races with a restore', { concurrency: 3 }, () => {
  for (const way of ['resume', 'undo'] as const) {
    for (const [moment, call] of [
      ['the moment it is deleted', 'GET persistentvolumeclaims/data-staged-x #2'],
      // By then the restored volume is anybody's who has the claim's name.
      ['right before the restore does', 'POST persistentvolumeclaims/data #1'],
    ] as const) {
      test(`a controller makes the claim again ${moment}, then ${way}`, async (t) => {
        const namespace = await openNamespace(t);
        await makeClaims(namespace, ['data']);
        const snapshots = await takeSnapshots(namespace, ['data']);
        const makeAgain = async (): Promise<void> => {
          await namespace.waitForGone('PersistentVolumeClaim', 'data');
          await namespace.api.create(claim('data'), namespace.name);
          await namespace.waitFor('PersistentVolumeClaim', 'data', isBound);
        };

        const restore = await meanwhile(namespace, call, makeAgain, 'restore', ...snapshots, '--yes');

        assertCame(restore);
        assertFailed(restore, 'claim data was made again by somebody else', `kubectl pvsnap ${way} restore-`);
        await assertKept(namespace, ['data: after', 'data: before']);
        await deleteClaims(namespace, 'data');
        await goOn(namespace, way);
        await assertRestored(namespace, {
          claims: { data: way === 'resume' ? 'before' : 'after' },
          parked: [['data', way === 'resume' ? 'after' : 'before']],
        });
      });
    }

    test(`somebody scales up in the middle of the swap, then ${way}`, async (t) => {
      const { namespace, snapshots } = await openApp(t);
      const hold = JSON.stringify({ metadata: { finalizers: ['test.pvsnap.io/hold'] } });
      await namespace.kubectl('patch', 'pvc/data-db-0', '--type=merge', '-p', hold);
      const restore = start(namespace, 'restore', ...snapshots, '--yes', '--timeout=60s');
      await namespace.waitFor(
        'PersistentVolumeClaim',
        'data-db-0',
        ({ metadata }) => metadata.deletionTimestamp !== undefined,
      );
      await namespace.kubectl('scale', 'statefulset/db', '--replicas=1');
      await namespace.waitFor<V1StatefulSet>('StatefulSet', 'db', ({ metadata, spec, status }) => {
        return spec?.replicas === 1 && status?.observedGeneration === metadata?.generation;
      });
      await namespace.kubectl('patch', 'pvc/data-db-0', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
      const { code, stderr } = await restore.finished;

      // Either the StatefulSet was faster, and made an empty claim, or the swap was, and the pod waited for it.
      if (code !== 0) {
        assert.match(stderr, /made again by somebody else|uses claim data-db-0 again/);
        await assertKept(namespace, ['data-db-0: after', 'data-db-0: before']);
        await namespace.kubectl('scale', 'statefulset/db', '--replicas=0');
        await waitUntil(namespace, 'pod/db-0', '--for=delete');
        await deleteForeign(namespace, 'data-db-0');
      }
      if (code !== 0 || way === 'undo') await goOn(namespace, way);
      await assertRestored(namespace, {
        claims: { 'data-db-0': way === 'resume' ? 'before' : 'after' },
        parked: [['data-db-0', way === 'resume' ? 'after' : 'before']],
      });
    });
  }

  for (const way of ['resume', 'undo'] as const) {
    test(`somebody scales up right before a claim is deleted, and the pod holds it, then ${way}`, async (t) => {
      const { namespace, snapshots } = await openApp(t);
      const scaleUp = async (): Promise<void> => {
        await namespace.kubectl('scale', 'statefulset/db', '--replicas=1');
        await namespace.waitFor('Pod', 'db-0', isRunning);
      };
      const remove = 'DELETE persistentvolumeclaims/data-db-0 #1';
      const failed = await meanwhile(namespace, remove, scaleUp, 'restore', ...snapshots, '--yes', '--timeout=60s');
      assertCame(failed);
      assertFailed(failed, 'pod db-0 (of statefulset/db) uses claim data-db-0 again', `kubectl pvsnap ${way} restore-`);
      await goOn(namespace, way);
      await assertRestored(namespace, {
        claims: { 'data-db-0': way === 'resume' ? 'before' : 'after' },
        parked: [['data-db-0', way === 'resume' ? 'after' : 'before']],
      });
    });
  }

  test('two restores that begin at the same moment: one does it, the other is refused', async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['data']);
    const snapshots = await takeSnapshots(namespace, ['data']);
    // Neither comes to its end before the other has begun.
    await namespace.knob({ provisionHang: true });
    const begun = [1, 2].map(() => start(namespace, 'restore', ...snapshots, '--yes').finished);
    const refused = await Promise.race(begun);
    assertFailed(refused);
    assert.match(refused.stderr, /another operation is at work|is at work on these claims/);
    await namespace.knob({});
    const both = await Promise.all(begun);
    assert.deepEqual(both.map(({ code }) => code).sort(), [0, 1], both.map(({ stderr }) => stderr).join('\n'));
    await assertRestored(namespace, { claims: { data: 'before' }, parked: [['data', 'after']] });
  });

  test('the driver fails one of six stagings: all six are taken back', async (t) => {
    const namespace = await openNamespace(t);
    const claims = await runStatefulSet(namespace, 'db', { replicas: 6 });
    const snapshots = await takeSnapshots(namespace, claims);
    const before = await everythingIn(namespace);
    await namespace.knob({ provisionHang: true });
    const restore = start(namespace, 'restore', ...snapshots, '--yes', '--timeout=15s');
    const staging = await Promise.all(claims.map((name) => stagingOf(namespace, name)));
    await namespace.knob({ provisionFailure: { code: 'INTERNAL', message: 'disk is bad' } }, staging[1]);
    await namespace.knob({});
    assertFailed(await restore.finished, 'disk is bad', 'What was staged has been removed; nothing else was touched');
    await assertTakenBack(namespace, before);
  });
});

/** Goes the way out that the message named. */
async function goOn(namespace: TestNamespace, way: 'resume' | 'undo'): Promise<void> {
  const [record] = await recordsOf(namespace);
  const operation = record?.metadata?.labels?.['pvsnap.io/operation'] ?? '';
  const { code, stderr } = await pvsnap(namespace, way, operation, '--yes');
  assert.equal(code, 0, stderr);
}

/** All of these texts are in volumes that outlive their claims. */
async function assertKept(namespace: TestNamespace, texts: string[]): Promise<void> {
  const kept = (await volumesOf(namespace)).filter(({ spec }) => spec?.persistentVolumeReclaimPolicy === 'Retain');
  const data = await Promise.all(kept.map((volume) => readVolume(namespace, volume).catch(() => 'empty')));
  assert.deepEqual(data.sort(), texts);
}

/** What a controller made holds nothing. */
async function deleteForeign(namespace: TestNamespace, name: string): Promise<void> {
  const present = await list<V1PersistentVolumeClaim>(namespace, 'PersistentVolumeClaim');
  const isForeign = present.some(({ metadata }) => {
    return metadata.name === name && metadata.annotations?.['pvsnap.io/operation'] === undefined;
  });
  if (isForeign) await deleteClaims(namespace, name);
}

async function stagingOf(namespace: TestNamespace, claimName: string): Promise<string> {
  const { metadata } = await namespace.api.watchUntil<V1PersistentVolumeClaim>(
    { kind: 'PersistentVolumeClaim', namespace: namespace.name, fields: {} },
    ({ metadata }) => metadata?.name?.startsWith(`${claimName}-staged-`) === true,
    AbortSignal.timeout(60_000),
  );
  return metadata?.name ?? '';
}
