import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareNatural } from '../../src/cluster/natural-order.ts';
import { matchesSelector } from '../../src/workloads/selector.ts';

test('a selector matches as the API server judges it', () => {
  const labels = { app: 'web', tier: 'front' };
  const one = (operator: string, key: string, values?: string[]): boolean =>
    matchesSelector({ matchExpressions: [{ key, operator, ...(values !== undefined && { values }) }] }, labels);
  assert.ok(matchesSelector({}, labels));
  assert.ok(matchesSelector({ matchLabels: { app: 'web' } }, labels));
  assert.ok(!matchesSelector({ matchLabels: { app: 'web', tier: 'back' } }, labels));
  assert.ok(one('In', 'app', ['x', 'web']) && !one('In', 'app', ['x']) && !one('In', 'none', ['x']));
  assert.ok(one('NotIn', 'app', ['x']) && one('NotIn', 'none', ['x']) && !one('NotIn', 'app', ['web']));
  assert.ok(one('Exists', 'app') && !one('Exists', 'none'));
  assert.ok(one('DoesNotExist', 'none') && !one('DoesNotExist', 'app'));
  assert.ok(!one('Near', 'app', ['web']));
});

test('names are ordered as a person counts', () => {
  const names = ['es-kafka-10', 'es-kafka-2', 'es-kafka-1', 'a'];
  assert.deepEqual(names.sort(compareNatural), ['a', 'es-kafka-1', 'es-kafka-2', 'es-kafka-10']);
  assert.notEqual(compareNatural('a-1', 'a-01'), 0);
});
