/** What was checked, and what is wrong, laid out for a person: one check below the other, each with the way out. */
import { pad } from './columns.ts';
import { displayWidth, shown } from './text.ts';
import { wrap } from './wrap.ts';

interface CheckText {
  name: string;
  state: 'ok' | 'problem' | 'not checked';
  seen: readonly string[];
  findings: readonly { about: string; problem: string; remedy?: string }[];
}

const indent = '  ';
const gap = 3;

/**
 * Without a line end after the last. Sentences wrap at `width` columns.
 * @param alarming makes a word stand out
 */
export function checksText(checks: readonly CheckText[], width: number, alarming: (text: string) => string): string {
  const names = Math.max(0, ...checks.map(({ name }) => displayWidth(name))) + gap;
  const states = Math.max(0, ...checks.map(({ state }) => displayWidth(state))) + gap;
  const margin = indent + ' '.repeat(names + states);
  const room = width - margin.length;
  const lines = checks.flatMap((check) => {
    const [first = '', ...others] = sentencesOf(check).flatMap((sentence) => wrap(shown(sentence), room));
    const word = pad(check.state, states);
    const state = check.state === 'problem' ? alarming(word) : word;
    return [indent + pad(check.name, names) + state + first, ...others.map((line) => margin + line)];
  });
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** What is wrong first, each with its way out below it. */
function sentencesOf({ seen, findings }: CheckText): string[] {
  const wrong = findings.flatMap(({ about, problem, remedy }) => [
    `${about} ${problem}`,
    ...(remedy === undefined ? [] : [`  ${remedy}`]),
  ]);
  return [...wrong, ...seen];
}
