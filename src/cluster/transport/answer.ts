/** A server's answer: its status and headers, and a body that is unpacked while it comes. */
import type http from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** What of http.IncomingMessage is used; `setTimeout` is about silence on the connection. */
export interface Answer extends Readable {
  readonly statusCode?: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  setTimeout(silenceMs: number, then?: () => void): unknown;
}

export function unpacked(response: http.IncomingMessage): Answer {
  return response.headers['content-encoding'] === 'gzip' ? through(response, createGunzip()) : response;
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
