import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Arguments } from '../../src/commands/command.ts';
import { dryRunOf, formatOf, listOf, oneOf, textOf, timeoutMsOf } from '../../src/commands/flags.ts';
import { UsageError } from '../../src/errors.ts';

const args = (flags: Record<string, unknown>): Arguments => ({ ...flags, _: [] });
const isUsage =
  (...words: string[]) =>
  (error: unknown) =>
    error instanceof UsageError && words.every((word) => error.message.includes(word));

test('a flag with a few values takes those alone, and says which', () => {
  assert.equal(dryRunOf(args({})), 'none');
  assert.equal(dryRunOf(args({ 'dry-run': 'server' })), 'server');
  assert.equal(formatOf(args({})), undefined);
  assert.equal(formatOf(args({ output: 'yaml' })), 'yaml');
  for (const value of ['', 'true', 'Client', 'constructor']) {
    const expected = isUsage(`--dry-run "${value}"`, 'none, client, server');
    assert.throws(() => dryRunOf(args({ 'dry-run': value })), expected);
  }
  assert.throws(() => oneOf(args({ output: 'wide' }), 'output', ['name']), isUsage('--output "wide": expected name'));
});

test('text is text', () => {
  assert.equal(textOf(args({ name: 'x' }), 'name'), 'x');
  assert.equal(textOf(args({ name: '' }), 'name'), '');
  for (const value of [undefined, true, 5]) assert.equal(textOf(args({ name: value }), 'name'), undefined);
});

test('a list is given by commas, by repeating, or both', () => {
  const list = (value: unknown): string[] => listOf(args({ only: value }), 'only');
  assert.deepEqual(list(['pvc/a,pvc/b', 'c']), ['pvc/a', 'pvc/b', 'c']);
  assert.deepEqual(list('a,b'), ['a', 'b']);
  assert.deepEqual(list([',a,,', '']), ['a']);
  assert.deepEqual(list(undefined), []);
});

describe('a timeout', () => {
  const ms = (timeout: string): number => timeoutMsOf(args({ timeout }));
  const longestMs = 2 ** 31 - 1;

  test('is a Go duration; 0 is no limit', () => {
    assert.deepEqual(['90s', '10m', '1h', '1h30m', '0', '0s'].map(ms), [
      90_000,
      600_000,
      3_600_000,
      5_400_000,
      longestMs,
      longestMs,
    ]);
  });

  test('never overflows a timer', () => {
    assert.equal(ms('9999999h'), longestMs);
    assert.doesNotThrow(() => AbortSignal.timeout(ms('9999999h')));
  });

  for (const timeout of ['', '10', '10d', '-1s', 'soon']) {
    test(`"${timeout}" is refused`, () => {
      assert.throws(() => ms(timeout), isUsage(`--timeout "${timeout}"`, '90s, 10m or 1h'));
    });
  }
});
