/** `restore` by a user without any right on volumes: a safety set first, then the claims are made again. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { isRolledOut } from '../cluster/states.ts';
import { pvsnap } from './program.ts';
import { assertIs, openReplaceable, succeed } from './restore-replace-app.ts';
import { assertFailed, list } from './restore-checks.ts';

describe('replace', { concurrency: 3 }, () => {
  test('is chosen with its reason, and is undone, redone and committed', async (t) => {
    const app = await openReplaceable(t, 'zonal');
    const shown = await app.as('restore', 'one', '--dry-run=client').finished;
    assert.match(shown.stdout, /you may not patch persistentvolumes/, shown.stderr);
    assert.match(shown.stdout, /secure +2 snapshots of now: set safety-restore-/);
    await assertIs(app, 'after', { sets: [], records: [] });

    const restore = await succeed(app, 'restore', 'one', '--size=2Gi');
    await assertIs(app, 'before', { sets: [`safety-${restore}`], records: [restore] });
    const undo = await succeed(app, 'undo', restore);
    await assertIs(app, 'after', { sets: [`safety-${restore}`, `safety-${undo}`], records: [undo] });
    const [claim] = await list<V1PersistentVolumeClaim>(app.namespace, 'PersistentVolumeClaim');
    assert.equal(claim?.spec?.resources?.requests?.storage, '1Gi');
    const redo = await succeed(app, 'undo', undo);
    const sets = [restore, undo, redo].map((name) => `safety-${name}`);
    await assertIs(app, 'before', { sets, records: [redo] });

    const told = await app.as('commit', redo, '--dry-run=client').finished;
    assert.match(told.stdout, /6 snapshots with the data of before will be destroyed/, told.stderr);
    await succeed(app, 'commit', redo);
    await assertIs(app, 'before', { sets: [], records: [] });
  });

  test('is not committed once a StatefulSet has made a claim again, empty', async (t) => {
    const app = await openReplaceable(t);
    const restore = await succeed(app, 'restore', 'one');
    for (const words of [
      ['scale', 'sts/db', '--replicas=0'],
      ['delete', 'pvc/data-db-0', '--wait'],
      ['scale', 'sts/db', '--replicas=2'],
    ]) {
      await app.namespace.kubectl(...words);
    }
    await app.namespace.waitFor('StatefulSet', 'db', isRolledOut);
    const refused = await app.as('commit', restore, '--yes').finished;
    assertFailed(refused, 'data-db-0', 'made again by somebody else', 'may be the only copy', 'nothing was changed');
    await succeed(app, 'undo', restore);
    for (const claim of ['data-db-0', 'data-db-1']) {
      assert.equal(await app.namespace.read(claim, 'data'), `${claim}: after`);
    }
  });

  test('is undone by a swap for a user who may keep volumes', async (t) => {
    const app = await openReplaceable(t);
    const restore = await succeed(app, 'restore', 'one');
    const { code, stdout, stderr } = await pvsnap(app.namespace, 'undo', restore, '--yes');
    assert.equal(code, 0, stderr);
    const undo = /undo-\w{5}/.exec(stdout)?.[0] ?? '';
    await assertIs(app, 'after', { sets: [`safety-${restore}`], records: [undo] });
    const redone = await pvsnap(app.namespace, 'undo', undo, '--yes');
    assert.equal(redone.code, 0, redone.stderr);
    const redo = /undo-\w{5}/.exec(redone.stdout)?.[0] ?? '';
    await assertIs(app, 'before', { sets: [`safety-${restore}`], records: [redo] });
    const committed = await pvsnap(app.namespace, 'commit', redo, '--yes');
    assert.equal(committed.code, 0, committed.stderr);
    await assertIs(app, 'before', { sets: [], records: [] });
  });

  test('is refused together with --as-new, and without a right that it needs', async (t) => {
    const app = await openReplaceable(t);
    assert.equal((await app.as('restore', 'one', '--as-new', '--strategy=replace', '--yes').finished).code, 2);
    assertFailed(
      await app.as('restore', 'one', '--strategy=swap', '--yes').finished,
      'may not patch persistentvolumes',
    );
    await assertIs(app, 'after', { sets: [], records: [] });
  });
});
