import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { verdictText } from '../../src/commands/verdict-text.ts';
import { isComplete, readyCount } from '../../src/sets/set.ts';
import { covers, setOf } from '../../src/velero/backups.ts';
import { backupOfSchedule } from '../../src/velero/make-backup.ts';
import type { Backup, BackupSpec } from '../../src/velero/resources.ts';
import { backupNameOf } from '../../src/velero/stored-set.ts';
import { verdictOf } from '../../src/velero/verdict.ts';

const backup = (spec: BackupSpec = {}, status: NonNullable<Backup['status']> = { phase: 'Completed' }): Backup => ({
  apiVersion: 'velero.io/v1',
  kind: 'Backup',
  metadata: { name: 'nightly', namespace: 'velero' },
  spec,
  status,
});

describe('a backup among the sets', () => {
  test('stands in the namespaces that it was asked for', () => {
    assert.ok(covers(backup(), 'kafka'));
    assert.ok(covers(backup({ includedNamespaces: ['*'] }), 'kafka'));
    assert.ok(covers(backup({ includedNamespaces: ['kafka', 'zoo'] }), 'zoo'));
    assert.ok(!covers(backup({ includedNamespaces: ['zoo'] }), 'kafka'));
    assert.ok(!covers(backup({ excludedNamespaces: ['kafka'] }), 'kafka'));
    assert.ok(covers(backup({ includedNamespaces: ['kaf*'] }), 'kafka'));
    assert.ok(!covers(backup({ includedNamespaces: ['*'], excludedNamespaces: ['kaf*'] }), 'kafka'));
  });

  test('is complete only when it is Completed, and holds every snapshot that was tried, and one at least', () => {
    const of = (status: NonNullable<Backup['status']>): [number, boolean] => {
      const set = setOf(backup({}, status), 'kafka');
      return [readyCount(set), isComplete(set)];
    };
    const counts = { csiVolumeSnapshotsAttempted: 2, csiVolumeSnapshotsCompleted: 2 };
    assert.deepEqual(of({ phase: 'Completed', ...counts }), [2, true]);
    assert.deepEqual(of({ phase: 'PartiallyFailed', ...counts }), [2, false]);
    assert.deepEqual(of({ phase: 'Completed', ...counts, csiVolumeSnapshotsCompleted: 1 }), [1, false]);
    assert.deepEqual(of({ phase: 'Completed' }), [0, false]);
    assert.deepEqual(of({}), [0, false]);
  });

  test('is called velero/NAME, and nothing else is', () => {
    assert.equal(backupNameOf('velero/nightly'), 'nightly');
    for (const name of ['nightly', 'vgs/x', 'velero/', 'velero/a/b']) assert.equal(backupNameOf(name), undefined);
  });
});

describe('a backup that has ended', () => {
  const held = { namespace: 'kafka', claim: 'a', heldAs: 'snapshot' } as const;

  test('is good when it holds a snapshot of each claim that was there', () => {
    const known = { expected: ['kafka/a'], volumes: [held], isCsiEnabled: true };
    assert.deepEqual(verdictOf(backup(), known), { held: [held], wanted: 1, problems: [], notes: [] });
  });

  for (const [what, volumes, isCsiEnabled, expected] of [
    ['was made without EnableCSI', [{ ...held, heldAs: 'skipped' }], false, /without --features=EnableCSI/],
    ['left a claim out', [], true, /is not in the backup/],
    ['skipped it, and said why', [{ ...held, heldAs: 'skipped', reason: 'no class' }], true, /no snapshot: no class/],
    ['failed to snapshot it', [{ ...held, heldAs: 'failed' }], true, /its snapshot failed/],
    ['has no file that tells', 'no file', undefined, /what it holds is not known: no file/],
  ] as const) {
    test(`is no good when it ${what}`, () => {
      const { problems } = verdictOf(backup(), { expected: ['kafka/a'], volumes, isCsiEnabled });
      assert.equal(problems.length, 1);
      assert.match(problems[0]?.problem ?? '', expected);
    });
  }

  test('is no good when nobody can tell what it holds, also where nothing was expected of it', () => {
    const { problems } = verdictOf(backup(), { expected: [], volumes: 'no file', isCsiEnabled: true });
    assert.deepEqual(problems, [{ about: 'nightly', problem: 'what it holds is not known: no file' }]);
  });

  test('in part has as many claims as it has, whatever else is wrong', () => {
    const partial = backup({}, { phase: 'PartiallyFailed', errors: 1 });
    const verdict = verdictOf(partial, { expected: ['kafka/a'], volumes: [held], isCsiEnabled: true });
    assert.match(verdictText(verdict, 1000), /^1 of 1 claims have a snapshot in 1 s/);
    assert.equal(verdict.problems.length, 1);
  });

  test('is no good when Velero says so, in its words', () => {
    const failed = backup({}, { phase: 'FailedValidation', validationErrors: ['no location'] });
    const { problems } = verdictOf(failed, { expected: [], volumes: [], isCsiEnabled: true });
    assert.deepEqual(problems, [{ about: 'nightly', problem: 'no location' }]);
  });

  test('with data elsewhere is good, and says that it is not for a restore in place', () => {
    const moved = { ...held, heldAs: 'moved' as const };
    const { problems, notes } = verdictOf(backup(), { expected: ['kafka/a'], volumes: [moved], isCsiEnabled: true });
    assert.deepEqual(problems, []);
    assert.match(notes.join(), /kafka\/a: held as moved/);
  });
});

test('the backup of a schedule is called after it and the time, and carries its labels', () => {
  const schedule = {
    apiVersion: 'velero.io/v1',
    kind: 'Schedule',
    metadata: { name: 'nightly', namespace: 'velero', labels: { team: 'db' } },
    spec: { schedule: '0 2 * * *', template: { ttl: '24h' } },
  };
  const made = backupOfSchedule(schedule, new Date('2026-11-25T02:00:07Z'));
  assert.deepEqual(made.metadata, {
    name: 'nightly-20261125020007',
    namespace: 'velero',
    labels: { team: 'db', 'velero.io/schedule-name': 'nightly' },
  });
  assert.deepEqual(made.spec, { ttl: '24h' });
});
