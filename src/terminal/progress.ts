import { openLiveTable } from './live-table.ts';
import type { Output } from './output.ts';
import type { Tone } from './style.ts';
import { shown, shownLines } from './text.ts';

export interface Progress {
  /**
   * Says how one thing stands, in place of what was said of it before.
   * @param key what names the thing; rows stay in the order in which their keys were first used
   * @param tone `good`: done and well; `bad`: failed, or failing at the moment; `busy`, as without: under way
   * @param sinceMs when it began, in ms since the epoch: the time since then ticks in the first empty cell, or after
   *   the last one
   */
  set(key: string, cells: readonly string[], tone?: Tone, sinceMs?: number): void;
  /** Writes a line to stderr, above the table; control characters are shown. */
  note(text: string): void;
  /** Leaves the table standing as it is now. */
  close(): void;
}

interface ProgressOptions {
  columns?: readonly string[];
}

/**
 * How several things go at the same time, on stderr: a table that is redrawn in place on a terminal, one line for each
 * change elsewhere. Print nothing else until it is closed.
 */
export function openProgress(output: Output, options: ProgressOptions = {}): Progress {
  return output.interactive ? openLiveTable(process.stderr, options.columns) : lineByLine(output);
}

function lineByLine(output: Output): Progress {
  const lines = new Map<string, string>();
  return {
    set(key, cells) {
      const line = cells
        .filter((cell) => cell !== '')
        .map(shown)
        .join('  ');
      if (lines.get(key) === line) return;
      lines.set(key, line);
      output.note(line);
    },
    note: (text) => {
      output.note(shownLines(text));
    },
    close: () => {
      lines.clear();
    },
  };
}
