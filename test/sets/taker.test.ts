import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Snapshot } from '../../src/cluster/objects.ts';
import { snapshotName } from '../../src/sets/names.ts';
import { membershipOf } from '../../src/sets/taker.ts';
import { snapshot } from './objects.ts';

const labelled = (labels: Record<string, string>, name = 's'): Snapshot =>
  snapshot(name, 'data', { metadata: { labels } });
const group = { apiVersion: 'groupsnapshot.storage.k8s.io/v1', kind: 'VolumeGroupSnapshot', name: 'g', uid: 'u' };

describe('a snapshot belongs to', () => {
  const cases: [string, Snapshot, string | undefined][] = [
    ['our set', labelled({ 'pvsnap.io/set': 'nightly' }), 'nightly'],
    [
      'our set, though its name looks made by hand',
      labelled({ 'pvsnap.io/set': 'n' }, snapshotName('data', 1_700_000_000)),
      'n',
    ],
    ['a Velero backup', labelled({ 'velero.io/backup-name': 'b' }), 'velero/b'],
    ['a group, by its owner', snapshot('s', 'data', { metadata: { ownerReferences: [group] } }), 'vgs/g'],
    ['a group, by its status', snapshot('s', 'data', { status: { volumeGroupSnapshotName: 'g' } }), 'vgs/g'],
    [
      'a schedule',
      labelled({ 'snapscheduler.backube/schedule': 'daily', 'snapscheduler.backube/when': '202611010000' }),
      'snapscheduler/daily-202611010000',
    ],
    ['no schedule, without the time', labelled({ 'snapscheduler.backube/schedule': 'daily' }), undefined],
    ['those of one second, by hand', snapshot('snapshot-data-1700000000', 'data'), 'snapshot/1700000000'],
    ['nothing, named after another claim', snapshot('snapshot-data-1700000000', 'other'), undefined],
    ['nothing, with a shorter number', snapshot('snapshot-data-170000000', 'data'), undefined],
    ['nothing, with a longer number', snapshot('snapshot-data-17000000000', 'data'), undefined],
    ['nothing', snapshot('s', 'data'), undefined],
  ];
  for (const [what, object, name] of cases) {
    test(what, () => {
      assert.equal(membershipOf(object)?.name, name);
    });
  }
});
