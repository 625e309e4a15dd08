import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { nodesFor } from '../../../src/restore/planning/nodes.ts';
import { node, volumeFor } from '../objects.ts';

interface Requirement {
  key: string;
  operator: string;
  values: string[];
}

interface Term {
  matchExpressions?: Requirement[];
  matchFields?: Requirement[];
}

const values = ['a', 'b', '1', '2', '10', '-1'];
const value = fc.constantFrom(...values);
const nodes = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('n1', 'n2', 'n3', 'n10'),
    labels: fc.dictionary(fc.constantFrom('zone', 'rank'), value, { noNullPrototype: true }),
    unschedulable: fc.boolean(),
  }),
  { selector: ({ name }) => name },
);
/** As the API server admits them: a list for In and NotIn, one whole number for Gt and Lt, nothing for the rest. */
const requirement: fc.Arbitrary<Requirement> = fc.oneof(
  fc.record({
    key: fc.constantFrom('zone', 'rank'),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.array(value, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    key: fc.constantFrom('zone', 'rank'),
    operator: fc.constantFrom('Gt', 'Lt'),
    values: fc.constantFrom('0', '1', '5').map((bound) => [bound]),
  }),
  fc.record({
    key: fc.constantFrom('zone', 'rank'),
    operator: fc.constantFrom('Exists', 'DoesNotExist'),
    values: fc.constant<string[]>([]),
  }),
);
const field = fc.record({
  key: fc.constant('metadata.name'),
  operator: fc.constantFrom('In', 'NotIn'),
  values: fc.array(fc.constantFrom('n1', 'n2', 'n10'), { minLength: 1, maxLength: 1 }),
});
const terms = fc.array(
  fc.record(
    { matchExpressions: fc.array(requirement, { maxLength: 3 }), matchFields: fc.array(field, { maxLength: 1 }) },
    { requiredKeys: [] },
  ),
  { maxLength: 3 },
);

/** labels.Requirement.Matches of k8s.io/apimachinery, word for word as its documentation has it. */
function matches(labels: ReadonlyMap<string, string>, { key, operator, values: wanted }: Requirement): boolean {
  const present = labels.get(key);
  const asInteger = (text = ''): bigint | undefined => (/^[+-]?\d+$/.test(text) ? BigInt(text) : undefined);
  const [mine, theirs] = [asInteger(present), asInteger(wanted[0])];
  const verdicts: Record<string, boolean> = {
    In: present !== undefined && wanted.includes(present),
    NotIn: !(present !== undefined && wanted.includes(present)),
    Exists: present !== undefined,
    DoesNotExist: present === undefined,
    Gt: mine !== undefined && theirs !== undefined && mine > theirs,
    Lt: mine !== undefined && theirs !== undefined && mine < theirs,
  };
  return verdicts[operator] ?? false;
}

function isAllowed(name: string, labels: Record<string, string>, all: readonly Term[]): boolean {
  const byLabel = new Map(Object.entries(labels));
  const byField = new Map([['metadata.name', name]]);
  for (const { matchExpressions = [], matchFields = [] } of all) {
    if (matchExpressions.length === 0 && matchFields.length === 0) continue;
    const failed = [
      ...matchExpressions.filter((one) => !matches(byLabel, one)),
      ...matchFields.filter((one) => !matches(byField, one)),
    ];
    if (failed.length === 0) return true;
  }
  return false;
}

const namesFor = (...args: Parameters<typeof nodesFor>): string[] =>
  nodesFor(...args).map(({ metadata }) => metadata.name);

describe('nodesFor', () => {
  test('agrees with the rules of Kubernetes on every affinity', () => {
    fc.assert(
      fc.property(nodes, terms, (drawn, nodeSelectorTerms) => {
        const objects = drawn.map(({ name, labels, unschedulable }) => node(name, labels, unschedulable));
        const volume = volumeFor('data', { nodeAffinity: { required: { nodeSelectorTerms } } });
        const expected = drawn
          .filter(({ unschedulable }) => !unschedulable)
          .filter(({ name, labels }) => isAllowed(name, labels, nodeSelectorTerms))
          .map(({ name }) => name)
          .sort();
        assert.deepEqual(namesFor(volume, objects), expected);
      }),
      { numRuns: 1000 },
    );
  });

  test('without a volume, or an affinity, all schedulable nodes will do', () => {
    const all = [node('b'), node('a'), node('off', {}, true)];
    assert.deepEqual(namesFor(undefined, all), ['a', 'b']);
    assert.deepEqual(namesFor(volumeFor('data'), all), ['a', 'b']);
  });

  test('only whole numbers are compared, as Kubernetes reads them', () => {
    const sorted = (rank: string): string[] =>
      ['Gt', 'Lt'].filter((operator) => {
        const nodeSelectorTerms = [{ matchExpressions: [{ key: 'rank', operator, values: ['5'] }] }];
        const volume = volumeFor('data', { nodeAffinity: { required: { nodeSelectorTerms } } });
        return nodesFor(volume, [node('a', { rank })]).length > 0;
      });
    assert.deepEqual(['4', '5', '6', '+6', '06', '-6'].map(sorted), [['Lt'], [], ['Gt'], ['Gt'], ['Gt'], ['Lt']]);
    for (const rank of ['', '4.5', '0x10', '1e3', 'a']) assert.deepEqual(sorted(rank), [], rank);
  });

  test('an operator of a later Kubernetes allows nothing', () => {
    const nodeSelectorTerms = [{ matchExpressions: [{ key: 'zone', operator: 'Near', values: ['a'] }] }];
    const volume = volumeFor('data', { nodeAffinity: { required: { nodeSelectorTerms } } });
    assert.deepEqual(namesFor(volume, [node('a', { zone: 'a' })]), []);
  });
});
