import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checksText } from '../../src/terminal/checks.ts';

const checks = [
  { name: 'server', state: 'ok', seen: ['it runs'], findings: [] },
  {
    name: 'stores',
    state: 'problem',
    seen: ['another is well'],
    findings: [{ about: 'store a', problem: 'is away', remedy: 'look for it' }],
  },
  { name: 'a', state: 'not checked', seen: ['you may \u001b[2J not'], findings: [] },
] as const;

describe('checksText', () => {
  test('aligns, puts what is wrong first with its way out below, and makes the text safe', () => {
    assert.equal(
      checksText(checks, Infinity, (word) => word),
      [
        '  server   ok            it runs',
        '  stores   problem       store a is away',
        '                           look for it',
        '                         another is well',
        '  a        not checked   you may ^[[2J not',
      ].join('\n'),
    );
  });

  test('lets problems alone stand out, and wraps', () => {
    const text = checksText(checks, 32, (word) => `!${word}!`);
    assert.equal(text.match(/!/g)?.length, 2);
    assert.match(text, /!problem {7}!store a\n {25}is away\n {27}look/);
  });
});
