/** Base64 as Go's decoder takes it: strict, but for line ends. Node's takes anything. */

const alphabet = /^[A-Za-z0-9+/]$/;

/** @throws Error with Go's words for the first byte that doesn't belong */
export function decodeBase64(text: string): Buffer {
  const illegalAt = firstIllegal(text);
  if (illegalAt !== undefined) throw new Error(`illegal base64 data at input byte ${illegalAt}`);
  return Buffer.from(text, 'base64');
}

/** Where Go's decoder stops (encoding/base64, StdEncoding): in groups of four, padded at the end of the last. */
function firstIllegal(text: string): number | undefined {
  const complete = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
  if (complete.test(text)) return undefined;
  let inGroup = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '\n' || character === '\r') continue;
    if (character === '=') return paddingProblem(text, at, inGroup);
    if (!alphabet.test(character)) return at;
    inGroup = (inGroup + 1) % 4;
  }
  return inGroup === 0 ? undefined : text.length - inGroup;
}

function paddingProblem(text: string, at: number, inGroup: number): number | undefined {
  if (inGroup < 2) return at;
  const isLineEnd = (index: number): boolean => text[index] === '\n' || text[index] === '\r';
  let next = at + 1;
  while (isLineEnd(next)) next++;
  if (inGroup === 2) {
    if (next >= text.length) return text.length;
    if (text[next] !== '=') return next;
    next++;
  }
  while (isLineEnd(next)) next++;
  return next < text.length ? next : undefined;
}
