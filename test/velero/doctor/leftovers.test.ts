import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Observed } from '../../../src/velero/doctor/leftovers.ts';
import { leftoversIn, nameOf } from '../../../src/velero/doctor/leftovers.ts';
import { ofDeletedBackups, ofRestores } from '../../../src/velero/doctor/leftover-checks.ts';
import { app, backup, claimFrom, hoursAgo, leftContent, leftSnapshot, nowMs, restore } from './objects.ts';

/** A restore that has ended, of a backup that is there, left one snapshot with its content. */
function observed(parts: Partial<Observed> = {}): Observed {
  return {
    snapshots: [leftSnapshot('a')],
    contents: [leftContent('a')],
    claims: [],
    backups: [backup('nightly')],
    restores: [restore('back')],
    seesAllRestores: true,
    nowMs,
    ...parts,
  };
}

const namesIn = (parts: Partial<Observed>): string[] => leftoversIn(observed(parts)).removable.map(nameOf);
const keptIn = (parts: Partial<Observed>): string[] => {
  const { removable, kept } = leftoversIn(observed(parts));
  assert.deepEqual(removable, []);
  return kept.map(({ about, problem }) => `${about}: ${problem}`);
};

describe('leftoversIn', () => {
  test('finds a snapshot and its content that a restore left', () => {
    assert.deepEqual(leftoversIn(observed()), {
      removable: [
        {
          kind: 'restore',
          namespace: app,
          snapshot: { name: 'a', uid: 'uid-a' },
          content: {
            name: 'a',
            uid: 'uid-of-content-a',
            handle: 'handle-a',
            driver: 'hostdir.csi.pvsnap.io',
            deletionPolicy: 'Retain',
          },
          backup: 'nightly',
          restore: 'back',
        },
      ],
      kept: [],
    });
  });

  test('takes them for those of a deleted backup where there is no such backup', () => {
    const { removable } = leftoversIn(observed({ backups: [] }));
    assert.deepEqual(
      removable.map(({ kind }) => kind),
      ['deleted backup'],
    );
  });

  test('also finds one whose other half is gone', () => {
    assert.deepEqual(namesIn({ snapshots: [] }), ['content a']);
    assert.deepEqual(namesIn({ contents: [] }), ['kafka/a']);
  });

  test('finds those of a restore that is gone, and none of one that runs', () => {
    assert.deepEqual(namesIn({ restores: [] }), ['kafka/a']);
    assert.deepEqual(namesIn({ restores: [restore('back', 'InProgress')] }), []);
    assert.deepEqual(namesIn({ restores: [restore('back', '')] }), []);
  });

  test('waits a day with those of a restore that may be another Velero’s, which the user may not see', () => {
    const made = (hours: number): string[] => {
      const snapshots = [leftSnapshot('a', { creationTimestamp: hoursAgo(hours) })];
      return namesIn({ restores: [], seesAllRestores: false, snapshots });
    };
    assert.deepEqual(made(25), ['kafka/a']);
    assert.deepEqual(made(23), []);
  });

  test('leaves alone what a backup is taking, what is ours or of somebody, and what goes already', () => {
    const taken = { ...leftSnapshot('a'), spec: { source: { persistentVolumeClaimName: 'data-0' } } };
    const labels = { 'velero.io/backup-name': 'nightly', 'velero.io/restore-name': 'back' };
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x' };
    const each = [
      taken,
      leftSnapshot('a', { labels: {} }),
      leftSnapshot('a', { labels: { 'velero.io/backup-name': 'nightly' } }),
      leftSnapshot('a', { labels: { ...labels, 'pvsnap.io/set': 'before' } }),
      leftSnapshot('a', { ownerReferences: [owner] }),
      leftSnapshot('a', { deletionTimestamp: '2026-11-20T12:00:00Z' }),
    ];
    for (const snapshot of each) assert.deepEqual(namesIn({ snapshots: [snapshot] }), []);
  });

  test('leaves the content alone by which Velero deletes a snapshot on storage', () => {
    const content = leftContent('vsc-1', {
      deletionPolicy: 'Delete',
      volumeSnapshotRef: { namespace: 'ns-1', name: 'name-1' },
    });
    assert.deepEqual(namesIn({ snapshots: [], contents: [content], backups: [] }), []);
  });

  test('keeps what a claim is made from that is Pending, and not what one that is Bound was made from', () => {
    assert.deepEqual(keptIn({ claims: [claimFrom('data-0', 'a', 'Pending')] }), [
      'kafka/a: claim data-0 is still Pending, and is made from it',
    ]);
    assert.deepEqual(namesIn({ claims: [claimFrom('data-0', 'a', 'Bound'), claimFrom('data-1', 'b', 'Pending')] }), [
      'kafka/a',
    ]);
    const elsewhere = claimFrom('data-0', 'a', 'Pending');
    elsewhere.metadata.namespace = 'other';
    assert.deepEqual(namesIn({ claims: [elsewhere] }), ['kafka/a']);
    elsewhere.spec = { dataSourceRef: { kind: 'VolumeSnapshot', name: 'a', namespace: app } };
    assert.equal(keptIn({ claims: [elsewhere] }).length, 1);
  });

  test('keeps a snapshot whose content owns its snapshot on storage, or is not its own', () => {
    const kept = (content: ReturnType<typeof leftContent>): string[] => keptIn({ contents: [content] });
    assert.match(kept(leftContent('a', { source: { volumeHandle: 'v' } }))[0] ?? '', /owns a snapshot on storage/);
    const ofB = { namespace: app, name: 'b', uid: 'uid-b' };
    assert.ok(kept(leftContent('a', { volumeSnapshotRef: { ...ofB, name: 'a' } }))[0]?.includes('of another snapshot'));
    assert.match(kept(leftContent('a', {}, { labels: {} }))[0] ?? '', /is not Velero's/);
    const bound = { ...leftSnapshot('a'), status: { boundVolumeSnapshotContentName: 'other' } };
    assert.match(keptIn({ snapshots: [bound] })[0] ?? '', /of another snapshot/);
  });
});

describe('the checks of leftovers', () => {
  test('count and name a few of them, and say what fixes it', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const found = leftoversIn(
      observed({
        snapshots: names.map((name) => leftSnapshot(name)),
        contents: names.map((name) => leftContent(name)),
      }),
    );
    const [finding] = ofRestores(found).findings;
    assert.equal(finding?.about, '7 snapshots, 7 contents');
    assert.match(finding.problem, /left by 1 restore of Velero.*: kafka\/a, .*kafka\/e and 2 more$/);
    assert.match(finding.remedy ?? '', /doctor velero --fix/);
    assert.deepEqual(ofDeletedBackups(found).findings, []);
  });

  test('say that a restore left nothing, and what stays', () => {
    const found = leftoversIn(observed({ claims: [claimFrom('data-0', 'a', 'Pending')] }));
    assert.deepEqual(ofRestores(found).findings, []);
    assert.match(ofRestores(found).seen[1] ?? '', /^kafka\/a stays: claim data-0 is still Pending/);
  });
});
