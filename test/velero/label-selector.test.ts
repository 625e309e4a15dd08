import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../src/errors.ts';
import { parseLabelSelector } from '../../src/velero/label-selector.ts';

describe('a label selector', () => {
  test('is taken as kubectl takes it', () => {
    assert.deepEqual(
      parseLabelSelector('app=kafka,tier!=cache, env in (a, b),zone notin (x),db,!old').matchExpressions,
      [
        { key: 'app', operator: 'In', values: ['kafka'] },
        { key: 'tier', operator: 'NotIn', values: ['cache'] },
        { key: 'env', operator: 'In', values: ['a', 'b'] },
        { key: 'zone', operator: 'NotIn', values: ['x'] },
        { key: 'db', operator: 'Exists' },
        { key: 'old', operator: 'DoesNotExist' },
      ],
    );
    assert.deepEqual(parseLabelSelector('a.b/c==').matchExpressions, [{ key: 'a.b/c', operator: 'In', values: [''] }]);
  });

  for (const text of ['a b', 'a=b=c', 'in (a)', 'a in b', 'a in (b', '=x', 'a=(b)', 'a=b;c', '', ',', 'a=1,']) {
    test(`"${text}" is refused by its name`, () => {
      assert.throws(
        () => parseLabelSelector(text),
        (error: unknown) => error instanceof UsageError && error.message.includes(`-l "${text}"`),
      );
    });
  }

  test('any text is either understood or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', '=', '!', ',', '(', ')', ' ', 'in') }), (text) => {
        try {
          parseLabelSelector(text);
        } catch (error) {
          assert.ok(error instanceof UsageError);
        }
      }),
    );
  });
});
