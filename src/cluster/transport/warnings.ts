/** What the server warns of, in Warning headers (apimachinery util/net ParseWarningHeaders). */

/**
 * Tells of each warning once.
 * @returns a function that takes a response's raw headers: names and values in turn
 */
export function warningReader(warn: (text: string) => void): (rawHeaders: readonly string[]) => void {
  const told = new Set<string>();
  return (rawHeaders) => {
    rawHeaders.forEach((value, index) => {
      if (index % 2 === 0 || rawHeaders[index - 1]?.toLowerCase() !== 'warning') return;
      for (const text of warningsIn(value)) {
        if (told.has(text)) continue;
        told.add(text);
        warn(text);
      }
    });
  };
}

/** `299 agent "text" "date", ...`: those of code 299, which is what an API server uses, up to what isn't well formed. */
function warningsIn(header: string): string[] {
  const one = /\s*(\d{3}) (\S+) "((?:[^"\\]|\\.)*)"(?: ?"[^"]*")?\s*(,|$)/y;
  const texts: string[] = [];
  while (one.lastIndex < header.length) {
    const [, code, , quoted = '', end] = one.exec(header) ?? [];
    if (code === undefined) break;
    // Node reads headers as Latin-1; API servers write UTF-8.
    const text = Buffer.from(quoted.replace(/\\(.)/gs, '$1'), 'latin1').toString('utf8');
    if (/\p{Cc}/u.test(text)) break;
    if (code === '299' && text !== '') texts.push(text);
    if (end !== ',') break;
  }
  return texts;
}
