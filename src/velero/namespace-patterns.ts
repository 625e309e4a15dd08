/**
 * Namespaces as a backup names them: `*`, `?` and `[abc]` stand for others, everything else for itself. As Velero's
 * pkg/util/wildcard has it, which refuses backups with more than that. Pure.
 */
type Token = 'any' | ((character: string) => boolean);

/** Whether it may stand for several namespaces. */
export function isPattern(name: string): boolean {
  return /[*?[]/.test(name);
}

/** Whether one of the patterns stands for the namespace. */
export function matchesAny(patterns: readonly string[], namespace: string): boolean {
  return patterns.some((pattern) =>
    isPattern(pattern) ? matches(tokensOf(pattern), namespace) : pattern === namespace,
  );
}

/** By one look back, to the last `*`, so that no pattern takes long. */
function matches(tokens: readonly Token[], text: string): boolean {
  let [token, position] = [0, 0];
  let star: { token: number; position: number } | undefined;
  while (position < text.length) {
    const wanted = tokens[token];
    if (wanted === 'any') {
      star = { token: ++token, position };
    } else if (wanted?.(text.charAt(position)) === true) {
      token++;
      position++;
    } else if (star !== undefined) {
      token = star.token;
      position = ++star.position;
    } else {
      return false;
    }
  }
  return tokens.slice(token).every((left) => left === 'any');
}

function tokensOf(pattern: string): Token[] {
  return [...pattern.matchAll(/\[([^\]]+)\]|[^]/g)].map(([whole, among]): Token => {
    if (among !== undefined) return (character) => isAmong(among, character);
    if (whole === '*') return 'any';
    return whole === '?' ? () => true : (character) => character === whole;
  });
}

/** A range such as `a-z`, or a list of characters. */
function isAmong(among: string, character: string): boolean {
  const [, first, last] = /^(.)-(.)$/.exec(among) ?? [];
  if (first !== undefined && last !== undefined) return first <= character && character <= last;
  return among.includes(character);
}
