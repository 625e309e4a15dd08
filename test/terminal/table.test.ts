import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { tableLines } from '../../src/terminal/table.ts';
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

describe('tableLines', () => {
  for (const { name, columns, parts, output } of recorded as Recording[]) {
    test(`prints what kubectl prints: ${name}`, () => {
      assert.deepEqual(printed(columns, parts), output);
    });
  }

  test('makes every control character visible', () => {
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.constant(null), fc.boolean());
    fc.assert(
      fc.property(fc.array(fc.array(value)), (rows) => {
        for (const line of tableLines(undefined, rows)) assert.doesNotMatch(line, /\p{Cc}/u);
      }),
    );
  });

  test('aligns the cells of full rows', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'é', '日', '😀'), minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word, word), { minLength: 1 }), (rows) => {
        const lines = Array.from(tableLines(['A', 'B', 'C'], rows), (line) => Array.from(line));
        const ends = lines.map((line, index) => line.length - Array.from(rows[index - 1]?.[2] ?? 'C').length);
        assert.equal(new Set(ends).size, 1);
      }),
    );
  });

  test('goes over the rows twice', () => {
    let passes = 0;
    const rows: string[][] = [['a', 'b']];
    const counted = new Proxy(rows, {
      get: (target, key) => {
        if (key === Symbol.iterator) passes++;
        return Reflect.get(target, key) as unknown;
      },
    });
    assert.deepEqual([...tableLines(['A', 'B'], counted)], ['A     B', 'a     b']);
    assert.equal(passes, 2);
  });
});

/** The header comes with the first part that has rows. */
function printed(columns: string[], parts: unknown[][][]): string[] {
  const remembered: number[] = [];
  let header: string[] | undefined = columns;
  return parts.map((rows) => {
    const full = rows.map((row) => row.slice(0, columns.length));
    const lines = [...tableLines(header, full, remembered)];
    if (rows.length > 0) header = undefined;
    return lines.map((line) => `${line}\n`).join('');
  });
}
