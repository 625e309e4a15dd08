import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../src/errors.ts';
import { checkSetName, defaultSetName, joinFitting, snapshotName } from '../../src/sets/names.ts';

const epochSeconds = 1_700_000_000;
const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,60}[a-z0-9])?$/, { size: 'max' });
/** What an object may be called: labels joined by dots, at most 253 long. */
const subdomain = fc
  .array(label, { minLength: 1, maxLength: 8, size: 'max' })
  .map((labels) => labels.join('.'))
  .filter((name) => name.length <= 253);
const isSubdomain = (name: string): boolean =>
  name.length <= 253 && name.split('.').every((part) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(part));

describe('joinFitting', () => {
  const suffix = fc.stringMatching(/^[a-z0-9]{1,12}$/);
  const longest = fc.constantFrom(63, 253);

  test('never exceeds, is a name, and ends with the suffix', () => {
    fc.assert(
      fc.property(subdomain, suffix, longest, (base, end, limit) => {
        const name = joinFitting(base, end, limit);
        assert.ok(name.length <= limit, name);
        assert.ok(isSubdomain(name), name);
        assert.ok(name.endsWith(`-${end}`));
      }),
    );
  });

  test('keeps the base whole where it fits', () => {
    fc.assert(
      fc.property(subdomain, suffix, (base, end) => {
        if (base.length + end.length < 253) assert.equal(joinFitting(base, end), `${base}-${end}`);
      }),
    );
    assert.equal(joinFitting('a'.repeat(60), 'xy', 63), `${'a'.repeat(60)}-xy`);
    assert.notEqual(joinFitting('a'.repeat(61), 'xy', 63), `${'a'.repeat(61)}-xy`);
  });

  test('keeps distinct bases distinct, also when they differ beyond what is cut off', () => {
    const tails = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,6}$/), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(fc.constantFrom(0, 40, 52, 60, 244, 246), tails, fc.constantFrom(63, 253), (length, ends, limit) => {
        const names = ends.map((end) => joinFitting(`${'b'.repeat(length)}${end}`, String(epochSeconds), limit));
        assert.equal(new Set(names).size, ends.length);
      }),
    );
  });

  test('gives the same name each time', () => {
    const base = 'x'.repeat(300);
    assert.equal(joinFitting(base, '1'), joinFitting(base, '1'));
  });
});

describe('names of snapshots and sets', () => {
  test('are as people write them', () => {
    assert.equal(snapshotName('data-es-kafka-0', epochSeconds), 'snapshot-data-es-kafka-0-1700000000');
    assert.equal(defaultSetName('es-kafka', epochSeconds), 'es-kafka-1700000000');
    assert.equal(defaultSetName('v1.es', epochSeconds), 'v1-es-1700000000');
  });

  test('can be used, whatever a claim or target is called', () => {
    fc.assert(
      fc.property(subdomain, (name) => {
        assert.ok(isSubdomain(snapshotName(name, epochSeconds)));
        assert.equal(checkSetName(defaultSetName(name, epochSeconds)), defaultSetName(name, epochSeconds));
      }),
    );
  });
});

describe('checkSetName', () => {
  test('takes the value of a label that is also a name', () => {
    for (const name of ['a', '0', 'before-upgrade', 'a'.repeat(63)]) assert.equal(checkSetName(name), name);
  });

  for (const name of ['', '-a', 'a-', 'A', 'a.b', 'a_b', 'a b', 'a\n', 'ä', 'a'.repeat(64), 'a,b', 'a=b']) {
    test(`refuses ${JSON.stringify(name)}, and says what was expected`, () => {
      assert.throws(
        () => checkSetName(name),
        (error) => error instanceof UsageError && error.message.includes(`--name "${name}": expected`),
      );
    });
  }
});
