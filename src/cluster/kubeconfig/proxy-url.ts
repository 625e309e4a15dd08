/** @throws Error with kubectl's words when it isn't the address of a proxy that kubectl can use */
export function parseProxyUrl(text: string): URL {
  if (!URL.canParse(text)) {
    // Go takes any text for a path.
    throw new Error(/^[\w.+-]+$/.test(text) ? unsupported('') : `could not parse: ${text}`);
  }
  const url = new URL(text);
  const scheme = url.protocol.slice(0, -1);
  if (['http', 'https', 'socks5'].includes(scheme)) return url;
  throw new Error(unsupported(scheme));
}

function unsupported(scheme: string): string {
  return `unsupported scheme "${scheme}", must be http, https, or socks5`;
}
