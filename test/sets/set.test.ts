import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Content, Snapshot } from '../../src/cluster/objects.ts';
import { membersAnnotation, setLabel, targetAnnotation } from '../../src/sets/marks.ts';
import { memberOf } from '../../src/sets/member.ts';
import type { SnapshotSet } from '../../src/sets/set.ts';
import { groupSets, isComplete, readyCount, sizeBytes, skewOf } from '../../src/sets/set.ts';
import { content, snapshot } from './objects.ts';

const inSet = (set: string, name: string, claim: string, members?: string, metadata: object = {}): Snapshot => {
  const annotations = {
    [targetAnnotation]: `sts/${set}`,
    ...(members !== undefined && { [membersAnnotation]: members }),
  };
  return snapshot(name, claim, { metadata: { labels: { [setLabel]: set }, annotations, ...metadata } });
};
const none = new Map<string, Content>();
const only = (...snapshots: Snapshot[]): SnapshotSet => {
  const [set, ...others] = groupSets(snapshots, none);
  assert.ok(set !== undefined && others.length === 0);
  return set;
};

describe('groupSets', () => {
  const members = fc.uniqueArray(
    fc.record({
      namespace: fc.constantFrom('a', 'b', 'constructor'),
      set: fc.option(fc.constantFrom('s', 't', 'a', 'constructor'), { nil: undefined }),
      name: fc.stringMatching(/^[a-z]{1,3}$/),
      second: fc.nat(59),
    }),
    { selector: ({ namespace, name }) => `${namespace} ${name}` },
  );
  const asSnapshots = (
    drawn: readonly { namespace: string; set: string | undefined; name: string; second: number }[],
  ) =>
    drawn.map(({ namespace, set, name, second }) => {
      const creationTimestamp = `2026-11-01T00:00:${String(second).padStart(2, '0')}Z`;
      const labels = set === undefined ? {} : { labels: { [setLabel]: set } };
      return snapshot(name, `data-${name}`, { metadata: { namespace, creationTimestamp, ...labels } });
    });
  const keyOf = ({ namespace, name }: { namespace?: string | undefined; name: string }): string =>
    `${namespace ?? ''} ${name}`;

  test('puts every labelled snapshot into exactly one set: its own', () => {
    fc.assert(
      fc.property(members, (drawn) => {
        const snapshots = asSnapshots(drawn);
        const sets = groupSets(snapshots, none);
        const grouped = sets.flatMap((set) => set.members.map((member) => keyOf(member.snapshot.metadata)));
        const labelled = snapshots.filter(({ metadata }) => metadata.labels?.[setLabel] !== undefined);
        assert.deepEqual(grouped.sort(), labelled.map(({ metadata }) => keyOf(metadata)).sort());
        assert.equal(new Set(sets.map(keyOf)).size, sets.length);
        for (const set of sets) {
          for (const { snapshot: member } of set.members) {
            assert.deepEqual(
              [member.metadata.namespace, member.metadata.labels?.[setLabel]],
              [set.namespace, set.name],
            );
          }
        }
      }),
    );
  });

  test('is newest first, the same for every order of the snapshots', () => {
    fc.assert(
      fc.property(members, (drawn) => {
        const snapshots = asSnapshots(drawn);
        const sets = groupSets(snapshots, none);
        assert.deepEqual(
          sets.map(({ createdAtMs }) => createdAtMs),
          sets.map(({ createdAtMs }) => createdAtMs).sort((a, b) => b - a),
        );
        assert.deepEqual(groupSets(snapshots.toReversed(), none).map(keyOf), sets.map(keyOf));
      }),
    );
  });

  test('orders members as a person counts, and finds their contents', () => {
    const names = ['data-10', 'data-2', 'data-1'];
    const snapshots = names.map((name) => inSet('s', name, name));
    const [set] = groupSets(snapshots, new Map([['content-data-2', content('data-2')]]));
    assert.deepEqual(
      set?.members.map(({ claim, content: its }) => [claim, its?.metadata.name]),
      [
        ['data-1', undefined],
        ['data-2', 'content-data-2'],
        ['data-10', undefined],
      ],
    );
    assert.equal(set.target, 'sts/s');
  });
});

describe('a set is complete', () => {
  const ready = (name: string, members?: string): Snapshot => inSet('s', name, name, members);
  const unready = { ...ready('b', '2'), status: {} };

  test('when as many are ready as it was taken with', () => {
    assert.ok(isComplete(only(ready('a', '2'), ready('b', '2'))));
    assert.ok(!isComplete(only(ready('a', '2'))));
    assert.ok(!isComplete(only(ready('a', '2'), unready)));
    assert.deepEqual([readyCount(only(ready('a', '2'), unready)), only(ready('a', '2')).expected], [1, 2]);
  });

  test('when all are ready and nobody says how many there were', () => {
    for (const members of [undefined, '', 'two', '-1', '1e9', '9999999999', '2.5']) {
      const set = only(ready('a', members));
      assert.ok(isComplete(set), members);
      assert.equal(set.expected, 1);
    }
  });

  test('not with one more than it was taken with, when that isn’t ready', () => {
    assert.ok(!isComplete(only(ready('a', '1'), { ...ready('b', '1'), status: {} })));
  });
});

test('size is the sum of what is known', () => {
  assert.equal(
    sizeBytes(only(inSet('s', 'a', 'a'), inSet('s', 'b', 'b'), { ...inSet('s', 'c', 'c'), status: {} })),
    8 * 2 ** 30,
  );
});

describe('skew', () => {
  const cutMs = Date.parse('2026-11-01T00:00:00Z');
  test('is newest minus oldest, exact when all contents are known', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { minLength: 1, maxLength: 20 }), (offsets) => {
        const members = offsets.map((offset, index) => {
          const its = content(String(index), { creationTime: (cutMs + offset) * 1e6 });
          return memberOf(snapshot(String(index), 'c'), its);
        });
        const skew = skewOf(members);
        assert.equal(skew?.exact, true);
        // Nanoseconds since 1970 have more digits than a number holds: the last microsecond is not exact.
        assert.ok(Math.abs(skew.ms - (Math.max(...offsets) - Math.min(...offsets))) < 0.002);
      }),
    );
  });

  test('is in whole seconds when one content is unknown, and nothing before the first cut', () => {
    const known = memberOf(snapshot('a', 'a'), content('a', { creationTime: cutMs * 1e6 }));
    assert.deepEqual(skewOf([known, memberOf(snapshot('b', 'b'), undefined)]), { ms: 1000, exact: false });
    assert.equal(skewOf([memberOf(snapshot('a', 'a', { status: {} }), undefined)]), undefined);
    assert.equal(skewOf([]), undefined);
  });
});
