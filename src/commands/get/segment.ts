import { FailedError } from '../../errors.ts';

/** @throws FailedError in kubectl's words for what can't be part of a path */
export function segment(what: string, text: string): string {
  const problems =
    text === '.' || text === '..'
      ? [`may not be '${text}'`]
      : ['/', '%'].filter((character) => text.includes(character)).map((character) => `may not contain '${character}'`);
  if (problems.length > 0) throw new FailedError(`invalid ${what} "${text}": [${problems.join(' ')}]`);
  return text;
}
