/** A server's answer: its status and headers, and a body that is unpacked while it comes. */
import type http from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream';

/** What of http.IncomingMessage is used; `setTimeout` is about silence on the connection. */
export interface Answer extends Readable {
  readonly statusCode?: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  setTimeout(silenceMs: number, then?: () => void): unknown;
}

/** API servers pack only what is long, so that what unpacks is loaded when it is needed. */
export async function unpacked(response: http.IncomingMessage): Promise<Answer> {
  if (response.headers['content-encoding'] !== 'gzip') return response;
  const { createGunzip } = await import('node:zlib');
  return through(response, createGunzip());
}

/** The same answer, its body passed through something. What ends either end ends both. */
export function through(answer: Answer, body: Transform): Answer {
  // The reader of the body is told of every error; nobody else is there to be told.
  pipeline(answer, body, () => undefined);
  return Object.assign(body, {
    statusCode: answer.statusCode,
    headers: answer.headers,
    setTimeout: (silenceMs: number, then?: () => void) => answer.setTimeout(silenceMs, then),
  });
}
