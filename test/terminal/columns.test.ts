import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { alignRows } from '../../src/terminal/columns.ts';
import { displayWidth } from '../../src/terminal/text.ts';
import { wrap } from '../../src/terminal/wrap.ts';

const rows = [
  ['data-0', 'ready', '4Gi', '+0 ms'],
  ['data-10', 'retrying', 'no space left in pool'],
];

describe('alignRows', () => {
  test('a last cell widens its column', () => {
    assert.deepEqual(alignRows(rows, { gap: 2, width: Infinity, overhang: false }), [
      'data-0   ready     4Gi                    +0 ms',
      'data-10  retrying  no space left in pool',
    ]);
  });

  test('or hangs over the columns beside it', () => {
    assert.deepEqual(alignRows(rows, { gap: 2, width: Infinity, overhang: true }), [
      'data-0   ready     4Gi  +0 ms',
      'data-10  retrying  no space left in pool',
    ]);
  });

  test('cuts the widest cells first', () => {
    assert.deepEqual(alignRows(rows, { gap: 2, width: 32, overhang: true }), [
      'data-0   ready     4Gi  +0 ms',
      'data-10  retrying  no sp... pool',
    ]);
  });

  test('lines fit any width that leaves 8 columns to each cell', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 40 });
    const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }));
    fc.assert(
      fc.property(table, fc.integer({ min: 4 * 8 + 3 * 3, max: 120 }), fc.boolean(), (drawn, width, overhang) => {
        for (const line of alignRows(drawn, { gap: 3, width, overhang })) assert.ok(displayWidth(line) <= width, line);
      }),
    );
  });
});

describe('wrap', () => {
  test('breaks between words and keeps the indent', () => {
    assert.deepEqual(wrap('  to go back  to it', 12), ['  to go back', '  to it']);
  });

  test('leaves a text that fits as it is', () => {
    assert.deepEqual(wrap('  undo x    to go back', 30), ['  undo x    to go back']);
  });

  test('keeps a long word whole', () => {
    assert.deepEqual(wrap('see 0001-0024-aaaa-bbbb now', 10), ['see', '0001-0024-aaaa-bbbb', 'now']);
  });
});
