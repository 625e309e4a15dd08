import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { age, compact, elapsed, seconds } from '../../src/terminal/age.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** Each expectation was printed by HumanDuration of k8s.io/apimachinery 0.36.3. */
const ages: [durationMs: number, text: string][] = [
  [-2.5 * second, '<invalid>'],
  [-1.5 * second, '0s'],
  [-0.5 * second, '0s'],
  [0, '0s'],
  [119.9 * second, '119s'],
  [120 * second, '2m'],
  [3 * minute + 20 * second, '3m20s'],
  [10 * minute - second, '9m59s'],
  [10 * minute, '10m'],
  [3 * hour - second, '179m'],
  [3 * hour, '3h'],
  [7 * hour + 59 * minute, '7h59m'],
  [8 * hour, '8h'],
  [48 * hour - second, '47h'],
  [2 * day, '2d'],
  [2 * day + hour, '2d1h'],
  [8 * day - second, '7d23h'],
  [8 * day, '8d'],
  [2 * year - second, '729d'],
  [2 * year, '2y'],
  [2 * year + 40 * day, '2y40d'],
  [8 * year - second, '7y364d'],
  [8 * year, '8y'],
  [20 * year + 100 * day, '20y'],
];

describe('age', () => {
  for (const [durationMs, text] of ages) {
    test(`${durationMs} ms is ${text}`, () => {
      assert.equal(age(durationMs), text);
    });
  }

  test('of no time is unknown', () => {
    assert.equal(age(NaN), '<unknown>');
  });
});

test('seconds reads well in a sentence', () => {
  const texts = [-5, 0, 41.4, 999.6, 1400, 4000, 59_949, 59_950, 125_000, 3_780_000].map(seconds);
  assert.deepEqual(texts, ['0 ms', '0 ms', '41 ms', '1 s', '1.4 s', '4 s', '59.9 s', '1m 0s', '2m 5s', '1h 3m']);
});

test('compact has no blanks', () => {
  assert.deepEqual([41, 1234, 125_000].map(compact), ['41ms', '1.2s', '2m5s']);
});

test('elapsed ticks in whole seconds', () => {
  assert.deepEqual([0, 999, 2100, 61_000, hour].map(elapsed), ['0 s', '0 s', '2 s', '1m 1s', '1h 0m']);
});
