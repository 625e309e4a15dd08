/** Questions on a terminal. They are asked on stderr, so that stdout carries the result alone. */
import { choiceLines, narrow } from './choices.ts';
import type { Choice, ChoiceLine } from './choices.ts';
import { leavable } from './leavable.ts';
import type { PromptStreams } from './leavable.ts';
import { styled } from './style.ts';
import type { Style } from './style.ts';
import { shown } from './text.ts';

const terminal: PromptStreams = { input: process.stdin, output: process.stderr };

/**
 * Asks for yes or no; Enter alone is no, and so are Esc and Ctrl-D.
 * @throws CancelledError on Ctrl-C
 */
export async function confirm(question: string, streams = terminal): Promise<boolean> {
  const { default: ask } = await import('@inquirer/confirm');
  const config = { message: shown(question), default: false, theme: themeFor(streams.output) };
  return (await leavable(streams, (context) => ask(config, context))) ?? false;
}

/**
 * Lets one of several be chosen from a list that typed words narrow. Disabled choices stand in the list with their
 * reason and can't be taken.
 * @returns undefined when the user leaves with Esc or Ctrl-D
 * @throws CancelledError on Ctrl-C
 */
export async function pick<T>(
  question: string,
  choices: readonly Choice<T>[],
  streams = terminal,
): Promise<T | undefined> {
  const { default: ask } = await import('@inquirer/search');
  const { columns, rows } = sizeOf(streams.output);
  const lines = choiceLines(choices, columns - cursor.length - 1);
  const config = {
    message: shown(question),
    source: (typed = '') => narrow(lines, typed).map(itemOf),
    pageSize: Math.max(3, rows - linesAroundList),
    theme: themeFor(streams.output),
  };
  const taken = await leavable(streams, (context) => ask(config, context));
  return taken?.choice.value;
}

const cursor = '> ';
/** The question, a blank line, the keys, and the line that the cursor ends on. */
const linesAroundList = 4;

function sizeOf(output: NodeJS.WritableStream): { columns: number; rows: number } {
  const { columns = 0, rows = 0 } = output as Partial<NodeJS.WriteStream>;
  return { columns: columns || 80, rows: rows || 24 };
}

function itemOf<T>(line: ChoiceLine<T>): { value: ChoiceLine<T>; name: string; short: string; disabled: boolean } {
  const short = shown(line.choice.cells[0] ?? '');
  return { value: line, name: line.text, short, disabled: line.choice.disabled !== undefined };
}

/** The look of a question; every style is given, as those of the library follow stdout and not this stream. */
function themeFor(output: NodeJS.WritableStream) {
  const as = (style: Style) => (text: string) => styled(style, text, output);
  const faint = as('faint');
  return {
    prefix: as('chosen')('?'),
    icon: { cursor: cursor.trimEnd() },
    style: {
      answer: as('chosen'),
      message: as('strong'),
      error: as('bad'),
      defaultAnswer: (text: string) => `(${text})`,
      highlight: as('chosen'),
      searchTerm: as('chosen'),
      description: faint,
      // The list's own words for it; the reason is in the row already.
      disabled: (text: string) => faint(`  ${text.replace(/ \(disabled\)$/, '')}`),
      keysHelpTip: () => faint('type to narrow, arrows choose, Enter takes it, Esc leaves'),
    },
  };
}
