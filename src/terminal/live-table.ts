/** A table that is redrawn in place while its rows change. */
import { elapsed } from './age.ts';
import { alignRows } from './columns.ts';
import { paced } from './pace.ts';
import type { Progress } from './progress.ts';
import type { Tone } from './style.ts';
import { openRegion } from './region.ts';
import type { Screen } from './region.ts';
import { styled } from './style.ts';
import { clip, shownLines } from './text.ts';

const indent = '  ';
const gap = 3;

interface Row {
  cells: readonly string[];
  tone: Tone;
  sinceMs: number | undefined;
}

/** Opens the table; nothing is drawn before the first row. See Progress for its methods. */
export function openLiveTable(screen: Screen, columns: readonly string[] | undefined): Progress {
  const rows = new Map<string, Row>();
  const region = openRegion(screen);
  const redraw = paced(() => {
    region.draw(visibleLines(columns, [...rows.values()], screen));
    return [...rows.values()].some((row) => row.sinceMs !== undefined);
  });
  return {
    set(key, cells, tone = 'busy', sinceMs) {
      rows.set(key, { cells, tone, sinceMs });
      redraw.soon();
    },
    note: (text) => {
      region.above(shownLines(text));
    },
    close() {
      redraw.stop();
      region.leave(allLines(columns, [...rows.values()], screen));
      rows.clear();
    },
  };
}

/** The table cut to the height of the screen: rows that are not done go first, the rest is counted. */
function visibleLines(columns: readonly string[] | undefined, rows: readonly Row[], screen: Screen): string[] {
  const lines = allLines(columns, rows, screen);
  // One line is left for the cursor, below the table.
  const height = (screen.rows || Infinity) - 1;
  if (lines.length <= height) return lines;
  const heading = lines.splice(0, lines.length - rows.length);
  const room = Math.max(1, height - heading.length - 1);
  const chosen = mostUrgent(rows, room);
  return [...heading, ...lines.filter((_, index) => chosen.has(index)), `${indent}… and ${rows.length - room} more`];
}

/** The indexes of so many rows. */
function mostUrgent(rows: readonly Row[], count: number): Set<number> {
  const byUrgency = [...rows.entries()].sort(([, a], [, b]) => Number(a.tone === 'good') - Number(b.tone === 'good'));
  return new Set(byUrgency.slice(0, count).map(([index]) => index));
}

function allLines(columns: readonly string[] | undefined, rows: readonly Row[], screen: Screen): string[] {
  if (rows.length === 0) return [];
  const nowMs = Date.now();
  // The last column of the screen stays free: a character there would leave the cursor's place to the terminal.
  const room = (screen.columns || Infinity) - 1 - indent.length;
  const cells = rows.map((row) => cellsNow(row, nowMs));
  const aligned = alignRows(columns === undefined ? cells : [columns, ...cells], { gap, width: room, overhang: true });
  const lines = aligned.map((line) => indent + clip(line, room));
  const heading = columns === undefined ? [] : lines.splice(0, 1);
  return [
    ...heading.map((line) => styled('strong', line, screen)),
    ...lines.map((line, index) => toned(line, rows[index]?.tone, screen)),
  ];
}

function cellsNow({ cells, sinceMs }: Row, nowMs: number): readonly string[] {
  if (sinceMs === undefined) return cells;
  const place = cells.indexOf('');
  return cells.toSpliced(place < 0 ? cells.length : place, place < 0 ? 0 : 1, elapsed(nowMs - sinceMs));
}

function toned(line: string, tone: Tone | undefined, screen: Screen): string {
  return tone === 'good' || tone === 'bad' ? styled(tone, line, screen) : line;
}
