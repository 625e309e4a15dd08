/** The last lines of a terminal, rewritten in place. */
import { stripVTControlCharacters } from 'node:util';
import { displayWidth } from './text.ts';

/** A terminal to write on, with its size in columns and rows; a size of 0 is not known. */
export type Screen = NodeJS.WritableStream & { columns: number; rows: number };

interface Region {
  /** Shows these lines in place of those drawn before; writes nothing when they are the same. */
  draw(lines: readonly string[]): void;
  /** Writes a line that stays, above the region. */
  above(text: string): void;
  /** Draws for the last time; what is written next comes below. */
  leave(lines: readonly string[]): void;
}

// Terminals that know mode 2026 show what is between these two at once, so that nothing flickers.
const begin = '\x1b[?2026h';
const end = '\x1b[?2026l';
const eraseToLineEnd = '\x1b[K';
const eraseBelow = '\x1b[J';

/**
 * Opens a region below the cursor. The cursor stays visible, below the region's last line: if the process is killed,
 * the terminal is as it should be.
 */
export function openRegion(screen: Screen): Region {
  let drawn: readonly string[] = [];
  const rewrite = (above: readonly string[], lines: readonly string[]): void => {
    const text = [...above, ...lines].map((line) => `${line}${eraseToLineEnd}\n`).join('');
    screen.write(begin + toTop(drawn, screen.columns) + text + eraseBelow + end);
    drawn = lines;
  };
  const draw = (lines: readonly string[]): void => {
    if (lines.length !== drawn.length || lines.some((line, index) => line !== drawn[index])) rewrite([], lines);
  };
  return {
    draw,
    above: (text) => {
      rewrite(text.replace(/\n$/, '').split('\n'), drawn);
    },
    leave: (lines) => {
      draw(lines);
      drawn = [];
    },
  };
}

/** Back to the first line; in a terminal that became narrower since, one line may now take several. */
function toTop(lines: readonly string[], columns: number): string {
  const height = lines.reduce((sum, line) => {
    const width = displayWidth(stripVTControlCharacters(line));
    return sum + Math.max(1, Math.ceil(width / (columns || Infinity)));
  }, 0);
  return height === 0 ? '' : `\x1b[${height}A\r`;
}
