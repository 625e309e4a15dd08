/** Lists, laid out to the byte as kubectl lays them out. */
import { cellText } from './cell.ts';

// kubectl's settings of its tabwriter: k8s.io/cli-runtime/pkg/printers/tabwriter.go.
const minWidth = 6;
const padding = 3;

/**
 * The lines of a table, without line ends; none when there are no rows, as kubectl prints no header alone.
 * Cells are values as they stand in a Table of the API; those beyond the last column are left out. Without columns
 * there is no header and no such limit.
 *
 * The layout is that of github.com/liggitt/tabwriter with remembered widths: a cell followed by another belongs to a
 * column, the last one of a line doesn't; a column ends at the first line that lacks it, and is never narrower than
 * the same column was further up. Widths count code points, also where a terminal shows some wider.
 *
 * Takes time linear in the cells, and goes over the rows twice.
 * @param remembered the width of each column so far. Pass the same array again to go on with a table that was printed
 *   in part, as kubectl does between the events of a watch.
 */
export function* tableLines(
  columns: readonly string[] | undefined,
  rows: readonly (readonly unknown[])[],
  remembered: number[] = [],
): Generator<string> {
  const blockWidths = measure(textLines(columns, rows), remembered);
  yield* layOut(textLines(columns, rows), blockWidths);
}

type Line = readonly string[];

function* textLines(columns: readonly string[] | undefined, rows: readonly (readonly unknown[])[]): Generator<Line> {
  if (columns !== undefined && rows.length > 0) yield columns.map(cellText);
  for (const row of rows) yield row.slice(0, columns?.length).map(cellText);
}

/** For each column, the widths of its blocks from top to bottom. */
function measure(lines: Iterable<Line>, remembered: number[]): number[][] {
  const blockWidths: number[][] = [];
  const endBlocks = (from: number, to: number): void => {
    for (let column = from; column < to; column++) (blockWidths[column] ??= []).push(remembered[column] ?? minWidth);
  };
  let open = 0;
  for (const line of lines) {
    const aligned = alignedCells(line);
    endBlocks(aligned, open);
    for (let column = 0; column < aligned; column++) {
      remembered[column] = Math.max(remembered[column] ?? minWidth, codePoints(line[column] ?? '') + padding);
    }
    open = aligned;
  }
  endBlocks(0, open);
  return blockWidths;
}

function* layOut(lines: Iterable<Line>, blockWidths: readonly (readonly number[])[]): Generator<string> {
  const block = blockWidths.map(() => 0);
  let open = 0;
  for (const line of lines) {
    const aligned = alignedCells(line);
    for (let column = aligned; column < open; column++) block[column] = (block[column] ?? 0) + 1;
    open = aligned;
    let text = '';
    for (let column = 0; column < aligned; column++) {
      text += pad(line[column] ?? '', blockWidths[column]?.[block[column] ?? 0] ?? minWidth);
    }
    yield text + (line[aligned] ?? '');
  }
}

function alignedCells(line: Line): number {
  return Math.max(0, line.length - 1);
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(width - codePoints(text));
}

function codePoints(text: string): number {
  return astral.test(text) ? Array.from(text).length : text.length;
}

const astral = /[\ud800-\udbff]/;
