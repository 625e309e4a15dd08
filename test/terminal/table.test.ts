import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { asKubectl, asShown } from '../../src/terminal/cell.ts';
import { TabWriter } from '../../src/terminal/tab-writer.ts';
import type { TableOptions } from '../../src/terminal/table.ts';
import { tablePrinter } from '../../src/terminal/table.ts';
import recorded from './kubectl-tables.json' with { type: 'json' };

/**
 * What kubectl's own printer wrote: NewTablePrinter of k8s.io/cli-runtime 0.36.3 on one tabwriter that is flushed after
 * each part, as between the events of a watch.
 */
interface Recording {
  name: string;
  columns: string[];
  parts: unknown[][][];
  output: string[];
}

const plain: TableOptions = {
  headers: true,
  wide: false,
  namespace: false,
  labels: [],
  allLabels: false,
  safe: asKubectl,
};

describe('a table', () => {
  for (const { name, columns, parts, output } of recorded as Recording[]) {
    test(`is printed as kubectl prints it: ${name}`, () => {
      assert.deepEqual(printed(columns, parts, plain), output);
    });
  }

  test('on a terminal holds no control character', () => {
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.constant(null), fc.boolean());
    fc.assert(
      fc.property(fc.array(fc.array(value, { minLength: 3, maxLength: 3 })), (rows) => {
        const [text = ''] = printed(['A', 'B', 'C'], [rows], { ...plain, safe: asShown });
        assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}/u);
      }),
    );
  });

  test('has its columns one below the other', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'é', '日', '😀'), minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word, word), { minLength: 1 }), (rows) => {
        const [text = ''] = printed(['A', 'B', 'C'], [rows], plain);
        const lines = text
          .trimEnd()
          .split('\n')
          .map((line) => Array.from(line));
        const starts = lines.map((line, index) => line.length - Array.from(rows[index - 1]?.[2] ?? 'C').length);
        assert.equal(new Set(starts).size, 1);
      }),
    );
  });
});

describe('TabWriter', () => {
  test('ends columns at a form feed, and at a line without them', () => {
    const writer = new TabWriter();
    writer.write('a\tb\flong word\tb\n\nx\ty\n');
    assert.equal(writer.flush(), 'a     b\nlong word   b\n\nx           y\n');
  });

  test('writes a line that has not ended without its end', () => {
    const writer = new TabWriter();
    writer.write('a\tb\nlonger word\t');
    assert.equal(writer.flush(), 'a     b\nlonger word');
    writer.write('x\ty');
    assert.equal(writer.flush(), 'x     y');
  });
});

function printed(columns: string[], parts: readonly unknown[][][], options: TableOptions): string[] {
  const print = tablePrinter(options);
  const writer = new TabWriter();
  return parts.map((rows) => {
    const definitions = columns.map((name) => ({ name, type: 'string', priority: 0 }));
    writer.write(print({ columns: definitions, rows: rows.map((cells) => ({ cells })) }));
    return writer.flush();
  });
}
