/** Small aligned layouts for people: plans, progress and choices. Lists of the cluster are in table.ts. */
import { displayWidth, shorten, shown } from './text.ts';

const leastWidth = 8;

interface Layout {
  /** Blanks between two columns. */
  gap: number;
  /** The most columns of the terminal that a line may take; Infinity for no limit. */
  width: number;
  /** Whether the last cell of a row is a remark, which hangs over the columns of longer rows and doesn't widen its own. */
  overhang: boolean;
}

/**
 * The rows as lines of aligned columns, each cell made safe to print. Lines that are too wide get the middle of their
 * widest cells cut out until they fit, or until every cell is down to 8 columns.
 */
export function alignRows(rows: readonly (readonly string[])[], layout: Layout): string[] {
  const cells = rows.map((row) => row.map(shown));
  const sizes = cells.map((row) => row.map(displayWidth));
  const limits = fittingLimits(sizes, layout);
  const columns = columnWidths(sizes, limits, layout);
  return cells.map((row) => {
    const texts = row.map((cell, column) => shorten(cell, limits[column] ?? Infinity));
    const padded = texts.slice(0, -1).map((text, column) => pad(text, (columns[column] ?? 0) + layout.gap));
    return [...padded, ...texts.slice(-1)].join('').trimEnd();
  });
}

/** The text followed by blanks up to a width in columns. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** The width of each cell, row by row. */
type Sizes = readonly (readonly number[])[];

/** The greatest width of a cell in each column with which every line fits; halves what is too much until nothing is. */
function fittingLimits(sizes: Sizes, layout: Layout): number[] {
  const limits: number[] = [];
  for (;;) {
    const longest = longestLine(sizes, limits, layout);
    const widest = longest.widths.indexOf(Math.max(...longest.widths));
    const widestCell = longest.widths[widest] ?? 0;
    const excess = longest.total - layout.width;
    if (excess <= 0 || widestCell <= leastWidth) return limits;
    limits[widest] = Math.max(leastWidth, widestCell - Math.ceil(excess / 2));
  }
}

function columnWidths(sizes: Sizes, limits: readonly number[], { overhang }: Layout): number[] {
  const widths: number[] = [];
  for (const row of sizes) {
    for (const [column, size] of (overhang ? row.slice(0, -1) : row).entries()) {
      widths[column] = Math.max(widths[column] ?? 0, Math.min(size, limits[column] ?? Infinity));
    }
  }
  return widths;
}

interface LineSize {
  /** What each cell takes with its padding; gaps not counted. */
  widths: number[];
  total: number;
}

function longestLine(sizes: Sizes, limits: readonly number[], layout: Layout): LineSize {
  const columns = columnWidths(sizes, limits, layout);
  let longest: LineSize = { widths: [], total: 0 };
  for (const row of sizes) {
    const last = row.length - 1;
    const widths = row.map((size, column) =>
      column < last ? (columns[column] ?? 0) : Math.min(size, limits[column] ?? Infinity),
    );
    const total = widths.reduce((sum, width) => sum + width, layout.gap * last);
    if (total > longest.total) longest = { widths, total };
  }
  return longest;
}
