/** Where an answer sends us (net/http's rules, narrowed). */
import type http from 'node:http';

/**
 * The address to read instead; undefined when the answer is meant for us as it is.
 * kubectl would go to another server too, and show it our token: we go on only on the server that the kubeconfig names.
 * @throws Error when the answer leads away from there
 */
export function redirectOf(method: string, url: URL, response: http.IncomingMessage): URL | undefined {
  const { location } = response.headers;
  if (method !== 'GET' || ![301, 302, 303, 307, 308].includes(response.statusCode ?? 0)) return undefined;
  if (location === undefined || !URL.canParse(location, url.href)) return undefined;
  const next = new URL(location, url);
  if (next.origin === url.origin) return next;
  throw new Error(`it redirects to ${next.origin}, which is another server`);
}
