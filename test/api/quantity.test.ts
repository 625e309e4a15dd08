import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatQuantity, parseQuantity, readableBytes } from '../../src/cluster/quantity.ts';

/** Each suffix of k8s.io/apimachinery/pkg/api/resource as an exact fraction. */
const suffixes: Record<string, [numerator: bigint, denominator: bigint]> = {
  n: [1n, 10n ** 9n],
  u: [1n, 10n ** 6n],
  m: [1n, 1000n],
  '': [1n, 1n],
  k: [1000n, 1n],
  M: [10n ** 6n, 1n],
  G: [10n ** 9n, 1n],
  T: [10n ** 12n, 1n],
  P: [10n ** 15n, 1n],
  Ki: [2n ** 10n, 1n],
  Mi: [2n ** 20n, 1n],
  Gi: [2n ** 30n, 1n],
  Ti: [2n ** 40n, 1n],
  Pi: [2n ** 50n, 1n],
  e3: [1000n, 1n],
  E6: [10n ** 6n, 1n],
  'e-3': [1n, 1000n],
};

/** Exact, rounded up to whole bytes as Quantity.Value() does. */
function exactly(whole: number, fraction: string, [numerator, denominator]: [bigint, bigint]): bigint {
  const over = BigInt(`${whole}${fraction}`) * numerator;
  const under = 10n ** BigInt(fraction.length) * denominator;
  return (over + under - 1n) / under;
}

describe('parseQuantity', () => {
  const amounts: [string, number | undefined][] = [
    ['0', 0],
    ['4Gi', 4294967296],
    ['+4Gi', 4294967296],
    ['1.5Gi', 1610612736],
    ['.5Ki', 512],
    ['5.', 5],
    ['1e3', 1000],
    ['1E3', 1000],
    ['1E', 1e18],
    ['1Ei', 2 ** 60],
    ['100m', 1],
    ['1500m', 2],
    ['0.1Gi', 107374183],
    ['16.1k', 16100],
  ];
  for (const [text, bytes] of amounts) {
    test(`${text} is ${String(bytes)}`, () => {
      assert.equal(parseQuantity(text), bytes);
    });
  }

  for (const text of [
    '',
    ' ',
    'Gi',
    '4GB',
    '4gi',
    '4K',
    '1 Gi',
    '1e',
    '1e3Gi',
    '--1',
    '1.2.3',
    '0x10',
    'Infinity',
    '.',
  ]) {
    test(`"${text}" is none`, () => {
      assert.equal(parseQuantity(text), undefined);
    });
  }

  test('agrees with exact arithmetic', () => {
    const fractions = fc.string({ unit: fc.constantFrom('0', '1', '2', '3', '5', '7', '9'), maxLength: 3 });
    const cases = fc.tuple(fc.nat(4095), fractions, fc.constantFrom(...Object.keys(suffixes)));
    fc.assert(
      fc.property(cases, ([whole, fraction, suffix]) => {
        const exact = exactly(whole, fraction, suffixes[suffix] ?? [0n, 1n]);
        fc.pre(exact < 2n ** 53n);
        const text = `${whole}${fraction === '' ? '' : `.${fraction}`}${suffix}`;
        assert.equal(parseQuantity(text), Number(exact), text);
      }),
      { numRuns: 2000 },
    );
  });
});

const bytesOfAnySize = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  fc.tuple(fc.nat(1023), fc.constantFrom(10, 20, 30, 40)).map(([amount, power]) => amount * 2 ** power),
);

describe('formatQuantity', () => {
  test('is as much, and the same again when it is read and written', () => {
    fc.assert(
      fc.property(bytesOfAnySize, (bytes) => {
        const text = formatQuantity(bytes);
        assert.match(text, /^\d+([KMGTPE]i)?$/);
        assert.equal(parseQuantity(text), bytes);
      }),
    );
  });

  test('takes the largest unit that fits exactly', () => {
    assert.deepEqual([0, 1500, 1024, 4294967296, 1610612736, 2 ** 60].map(formatQuantity), [
      '0',
      '1500',
      '1Ki',
      '4Gi',
      '1536Mi',
      '1Ei',
    ]);
  });
});

describe('readableBytes', () => {
  test('has at most one decimal', () => {
    assert.deepEqual([0, 900, 1536, 25769803776, 1610612736, 5368709121].map(readableBytes), [
      '0',
      '900',
      '1.5Ki',
      '24Gi',
      '1.5Gi',
      '5Gi',
    ]);
  });

  test('stays near the truth and below 1024 of its unit', () => {
    fc.assert(
      fc.property(bytesOfAnySize, (bytes) => {
        const text = readableBytes(bytes);
        const read = parseQuantity(text) ?? NaN;
        assert.ok(Math.abs(read - bytes) <= bytes * 0.06, `${text} for ${bytes}`);
        assert.ok(parseFloat(text) < 1024, text);
      }),
    );
    assert.equal(readableBytes(2 ** 20 - 1), '1Mi');
  });
});
