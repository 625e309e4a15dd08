import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Content, Snapshot } from '../../src/cluster/objects.ts';
import type { MemberState } from '../../src/sets/member.ts';
import { cutAt, memberOf, problemOf, restoreSizeBytes, stateOf } from '../../src/sets/member.ts';
import { content, snapshot } from './objects.ts';

const withStatus = (status: Snapshot['status'], metadata = {}): Snapshot =>
  snapshot('s', 'data', { metadata, ...(status && { status }) });
const bound = { boundVolumeSnapshotContentName: 'content-s' };
const failed = { error: { message: 'no space', time: '2026-11-01T00:00:00Z' } };

describe('the state of a member', () => {
  const cases: [string, MemberState, Snapshot, Content?][] = [
    ['no word from the driver', 'creating', withStatus({})],
    [
      'cut, not yet usable',
      'cutting',
      withStatus({ ...bound, creationTime: '2026-11-01T00:00:00Z', readyToUse: false }),
    ],
    ['ready, the content points back', 'ready', withStatus({ ...bound, readyToUse: true }), content('s')],
    ['ready, the content can’t be read', 'ready', withStatus({ ...bound, readyToUse: true })],
    ['says ready, names no content', 'creating', withStatus({ readyToUse: true })],
    [
      'says ready, its content is another’s',
      'creating',
      withStatus({ ...bound, readyToUse: true }),
      content('s', {}, 'x'),
    ],
    ['the last try failed', 'retrying', withStatus(failed)],
    ['ready after a failure', 'ready', withStatus({ ...bound, readyToUse: true, ...failed })],
    [
      'on its way out',
      'deleting',
      withStatus({ ...bound, readyToUse: true }, { deletionTimestamp: '2026-11-01T00:00:00Z' }),
    ],
  ];
  for (const [what, state, object, its] of cases) {
    test(`${what}: ${state}`, () => {
      assert.equal(stateOf(memberOf(object, its)), state);
    });
  }

  test('is creating for a snapshot that has no status yet', () => {
    const { status: _, ...fresh } = snapshot('s', 'data');
    assert.equal(stateOf(memberOf(fresh, undefined)), 'creating');
  });
});

test('a snapshot made from a content names no claim', () => {
  const object = snapshot('s', '', { spec: { source: { volumeSnapshotContentName: 'content-s' } } });
  assert.equal(memberOf(object, undefined).claim, '');
});

test('the driver’s words come from the snapshot, else from its content', () => {
  const member = memberOf(withStatus({}), content('s', { error: { message: 'on the content' } }));
  assert.equal(problemOf(member), 'on the content');
  assert.equal(problemOf({ ...member, snapshot: withStatus(failed) }), 'no space');
  assert.equal(problemOf(memberOf(withStatus({}), undefined)), undefined);
});

test('the size is what the snapshot says, else its content', () => {
  const inBytes = (restoreSize: string | undefined, ofContent?: number): number | undefined =>
    restoreSizeBytes(
      memberOf(
        withStatus(restoreSize === undefined ? {} : { restoreSize }),
        ofContent === undefined ? undefined : content('s', { restoreSize: ofContent }),
      ),
    );
  assert.equal(inBytes('4Gi', 1), 4 * 2 ** 30);
  assert.equal(inBytes('0', 1), 0);
  assert.equal(inBytes(undefined, 5), 5);
  assert.equal(inBytes('what', 5), 5);
  assert.equal(inBytes(undefined), undefined);
});

test('the instant is exact with the content alone', () => {
  const object = withStatus({ creationTime: '2026-11-01T00:00:01Z' });
  const ms = Date.parse('2026-11-01T00:00:01Z');
  assert.deepEqual(cutAt(memberOf(object, undefined)), { ms, exact: false });
  const known = cutAt(memberOf(object, content('s', { creationTime: (ms + 250) * 1e6 })));
  assert.equal(known?.exact, true);
  assert.ok(Math.abs(known.ms - (ms + 250)) < 0.002);
  assert.equal(cutAt(memberOf(withStatus({}), content('s'))), undefined);
});
