/** A server's answer: its status and headers, and a body that is unpacked while it comes. */
import type http from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream';
import { ClusterError } from '../../errors.ts';

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

/** @throws ClusterError with status 0 when the connection breaks in the middle */
export async function textOf(response: Answer): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch (cause) {
    if (cause instanceof ClusterError) throw cause;
    const words = 'The connection to the server broke in the middle of its answer';
    throw new ClusterError(words, 0, 'ECONNRESET', { cause });
  }
  return Buffer.concat(chunks).toString('utf8');
}
