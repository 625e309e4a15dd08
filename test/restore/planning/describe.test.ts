import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PlanDescription } from '../../../src/restore/planning/describe.ts';
import { count, describePlan } from '../../../src/restore/planning/describe.ts';
import { makePlan } from '../../../src/restore/planning/make-plan.ts';
import type { ObservedMember } from '../../../src/restore/planning/observe.ts';
import type { RestoreRequest } from '../../../src/restore/request.ts';
import { workloadOf } from '../../../src/workloads/kinds.ts';
import type { WorkloadInUse } from '../../../src/workloads/users.ts';
import { content } from '../../sets/objects.ts';
import { statefulSet } from '../../workloads/objects.ts';
import { absent, memberFor, observed, request } from '../objects.ts';

const inUse = (name: string, replicas: number): WorkloadInUse => ({
  ...workloadOf('statefulset', statefulSet(name, replicas)),
  kind: 'statefulset',
  claims: [],
  pods: [],
  under: [],
});
const cut = (ms: number): ReturnType<typeof content> => content('x', { creationTime: (1_793_000_000_000 + ms) * 1e6 });

function describeFor(
  members: ObservedMember[],
  workloads: WorkloadInUse[] = [],
  parts: Partial<RestoreRequest> = {},
): PlanDescription {
  const users = { workloads, findings: [], owners: [], notes: [], nodeOf: new Map<string, string>() };
  return describePlan(makePlan(observed(members, { users }), { ...request, ...parts }), { takenAgo: '3h' });
}

const linesOf = ({ sections }: PlanDescription, label: string): unknown =>
  sections.find((section) => section.label === label)?.lines;

describe('a plan in words', () => {
  const two = [memberFor('a', {}, cut(0)), memberFor('b', {}, cut(41))];

  test('says what it is, of what, and where', () => {
    const { title } = describeFor(two);
    assert.equal(title, 'Restore of nightly (2 volumes, taken 3h ago, skew 41 ms) in place, namespace kafka');
  });

  test('stops and starts in opposite orders, with the replicas of now', () => {
    const text = describeFor(two, [inUse('es', 3), inUse('zoo', 1)], { sizeBytes: 8 * 2 ** 30 });
    assert.deepEqual(linesOf(text, 'stage'), [
      '2 volumes from their snapshots, 8Gi each, while everything keeps running',
    ]);
    const rows = [
      ['statefulset/es', '3 replicas'],
      ['statefulset/zoo', '1 replica'],
    ];
    assert.deepEqual(linesOf(text, 'stop'), { rows });
    assert.deepEqual(linesOf(text, 'start'), ['statefulset/zoo, statefulset/es, with the replicas of now']);
  });

  test('shows every claim with its volume of now, and what it becomes', () => {
    const text = describeFor([memberFor('a'), memberFor('b', absent)], [], { sizeBytes: 8 * 2 ** 30 });
    assert.deepEqual(linesOf(text, 'swap'), {
      columns: ['CLAIM', 'NOW', 'THEN', 'SNAPSHOT'],
      rows: [
        ['a', 'pv-a, 4Gi', 'new, 8Gi', 's-a'],
        ['b', 'no such claim', 'new, 8Gi', 's-b'],
      ],
    });
  });

  test('says what stays behind', () => {
    assert.match(describeFor(two).closing.join(), /^Nothing is deleted: the 2 volumes of now \(8Gi\) stay parked/);
    assert.match(
      describeFor([memberFor('a')]).closing.join(),
      /^Nothing is deleted: the volume of now \(4Gi\) stays parked/,
    );
    assert.match(describeFor([memberFor('a', absent)]).closing.join(), /no present data/);
  });

  test('stops and starts nothing when nothing uses the claims', () => {
    const text = describeFor([memberFor('a')]);
    assert.deepEqual(linesOf(text, 'stop'), ['nothing: no pod uses these claims']);
    assert.equal(linesOf(text, 'start'), undefined);
  });

  test('of new claims promises to touch nothing else', () => {
    const text = describeFor([memberFor('a')], [], { asNew: true });
    assert.deepEqual(
      text.sections.map(({ label }) => label),
      ['create'],
    );
    assert.deepEqual(linesOf(text, 'create'), {
      columns: ['CLAIM', 'NEW CLAIM', 'SNAPSHOT'],
      rows: [['a', 'a-7f3k2, 4Gi', 's-a']],
    });
    assert.match(text.closing.join(), /Nothing is stopped/);
  });
});

test('one is singular, all else plural', () => {
  assert.deepEqual(
    [0, 1, 2].map((amount) => count(amount, 'volume')),
    ['0 volumes', '1 volume', '2 volumes'],
  );
});
