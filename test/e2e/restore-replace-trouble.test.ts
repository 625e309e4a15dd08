/** What goes wrong while claims are replaced: none is deleted whose data is not in a snapshot, and every byte comes back. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Finished } from '../cluster/namespace.ts';
import { waitUntil } from './kubectl.ts';
import type { App } from './restore-replace-app.ts';
import { assertIs, openReplaceable, setsOf, succeed, uids } from './restore-replace-app.ts';
import { assertFailed, list, recordsOf } from './restore-checks.ts';

async function hold({ namespace }: App, object: string, finalizers: string[] | null): Promise<void> {
  const patch = JSON.stringify({ metadata: { finalizers } });
  const { code, stderr } = await namespace.kubectl('patch', object, '--type=merge', '-p', patch);
  assert.equal(code, 0, stderr);
}

function operationIn({ stderr }: Finished): string {
  return /resume (restore-\w{5})/.exec(stderr)?.[1] ?? assert.fail(stderr);
}

describe('replace', { concurrency: 3 }, () => {
  for (const verb of ['resume', 'undo'] as const) {
    test(`deletes nothing when the driver fails a safety snapshot; then ${verb}`, async (t) => {
      const app = await openReplaceable(t);
      const before = await uids(app);
      await app.namespace.knob({ snapshotFailure: { code: 'INTERNAL', message: 'no space' } }, 'data-db-1');
      const failed = await app.as('restore', 'one', '--yes', '--timeout=15s').finished;
      assertFailed(failed, 'is not whole, so no claim was deleted', 'no space', 'Nothing was deleted');
      assert.deepEqual(await uids(app), before);
      await app.namespace.knob({}, 'data-db-1');
      const restore = operationIn(failed);
      await succeed(app, verb, restore);
      if (verb === 'resume') {
        await assertIs(app, 'before', { sets: [`safety-${restore}`], records: [restore] });
      } else {
        assert.deepEqual(await uids(app), before);
        await assertIs(app, 'after', { sets: [], records: [] });
      }
    });

    test(`after kill -9 between a deletion and its creation, ${verb} brings every byte`, async (t) => {
      const app = await openReplaceable(t);
      await hold(app, 'pvc/data-db-1', ['example.com/hold', 'kubernetes.io/pvc-protection']);
      const restore = app.as('restore', 'one', '--yes');
      await app.namespace.waitFor(
        'PersistentVolumeClaim',
        'data-db-1',
        ({ metadata }) => metadata.deletionTimestamp !== undefined,
      );
      restore.child.kill('SIGKILL');
      await restore.finished;
      await hold(app, 'pvc/data-db-1', null);
      await waitUntil(app.namespace, 'pvc/data-db-1', '--for=delete');
      const operation = await succeed(app, verb);
      const [, name] = operation.split('-');
      if (verb === 'resume') {
        await assertIs(app, 'before', { sets: [`safety-restore-${name ?? ''}`], records: [operation] });
      } else {
        const sets = (await setsOf(app)).filter((set) => set !== 'one');
        await assertIs(app, 'after', { sets, records: [operation] });
      }
    });
  }

  test('an undo that has deleted nothing is taken back, and the restore can be undone all the same', async (t) => {
    const app = await openReplaceable(t);
    const restore = await succeed(app, 'restore', 'one');
    await app.namespace.knob({ snapshotFailure: { code: 'INTERNAL', message: 'no space' } });
    const failed = await app.as('undo', restore, '--yes', '--timeout=15s').finished;
    assertFailed(failed, 'is not whole, so no claim was deleted', 'Nothing was deleted');
    await app.namespace.knob({});
    await succeed(app, 'undo', /undo (undo-\w{5})/.exec(failed.stderr)?.[1] ?? '');
    await assertIs(app, 'before', { sets: [`safety-${restore}`], records: [restore] });
    const undo = await succeed(app, 'undo', restore);
    await assertIs(app, 'after', { sets: [`safety-${restore}`, `safety-${undo}`], records: [undo] });
  });

  test('deletes no claim whose snapshot is gone, nor any once the workload has run again', async (t) => {
    const app = await openReplaceable(t);
    const { namespace } = app;
    const [first, second] = await uids(app);
    await hold(app, 'pod/db-0', ['example.com/hold']);
    const restore = app.as('restore', 'one', '--yes');
    await restore.says('db-0 is ending');
    const source = (
      await list<{ spec: { source: { persistentVolumeClaimName: string } } }>(namespace, 'VolumeSnapshot')
    ).find(({ spec }) => spec.source.persistentVolumeClaimName === 'data-db-1');
    await namespace.kubectl('delete', 'vs', source?.metadata.name ?? '');
    await hold(app, 'pod/db-0', null);
    const failed = await restore.finished;
    assertFailed(failed, 'is gone, not ready', 'data-db-0: replaced', 'data-db-1: not replaced, has its former data');
    const now = await uids(app);
    assert.notEqual(now[0], first);
    assert.equal(now[1], second);

    for (const replicas of [1, 0]) await namespace.kubectl('scale', 'sts/db', `--replicas=${replicas}`);
    await waitUntil(namespace, 'pod/db-0', '--for=delete');
    const again = await app.as('resume', '--yes').finished;
    assertFailed(again, 'was scaled or changed since the safety set was taken', 'this claim was not deleted');

    await succeed(app, 'undo', operationIn(failed));
    assert.equal((await uids(app))[1], second);
    await assertIs(app, 'after', {
      sets: (await setsOf(app)).filter((set) => set !== 'one'),
      records: (await recordsOf(namespace)).map(
        ({ data }) => (JSON.parse(data?.plan ?? '') as { operation: string }).operation,
      ),
    });
    assert.equal((await recordsOf(namespace)).length, 1);
  });
});
