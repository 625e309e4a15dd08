/** The rows of a list to choose from, and the search in them. */
import { alignRows } from './columns.ts';

export interface Choice<T> {
  value: T;
  cells: readonly string[];
  /** Why it can't be taken, where it can't. */
  disabled?: string | undefined;
}

export interface ChoiceLine<T> {
  choice: Choice<T>;
  /** The choice as it is printed, aligned with the others. */
  text: string;
  /** What is searched, in lower case: the whole row, and the line as it is printed, which Tab types. */
  searched: string;
}

const gap = 3;

/** A line of at most `width` columns for each choice; the reason of a disabled one is its last cell. */
export function choiceLines<T>(choices: readonly Choice<T>[], width: number): ChoiceLine<T>[] {
  const rows = choices.map(({ cells, disabled }) => (disabled === undefined ? cells : [...cells, disabled]));
  const texts = alignRows(rows, { gap, width, overhang: true });
  return choices.map((choice, index) => ({
    choice,
    text: texts[index] ?? '',
    searched: [...(rows[index] ?? []), texts[index]].join(' ').toLowerCase(),
  }));
}

/** The lines in which every typed word occurs somewhere, in the same order. */
export function narrow<T>(lines: readonly ChoiceLine<T>[], typed: string): ChoiceLine<T>[] {
  const words = typed.toLowerCase().split(/\s+/);
  return lines.filter(({ searched }) => words.every((word) => searched.includes(word)));
}
