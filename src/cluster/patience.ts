/** Sends a request until it is answered for good: what is sent again, when, and for how long. */
import { setTimeout as pause } from 'node:timers/promises';
import { ClusterError } from '../errors.ts';
import type { ApiRequest, Connection } from './connection.ts';
import { errorFromResponse, isConnectionLoss } from './status.ts';
import type { Answer } from './transport/answer.ts';
import { textOf } from './transport/answer.ts';
import type { TimeLimits } from './transport/time-limit.ts';
import { longestTimerMs, waitTimeout } from './transport/time-limit.ts';

/** @param read what the caller wants of an answer that is no error */
type Send = <R>(request: ApiRequest, read: (response: Answer) => Promise<R>) => Promise<R>;

/** So often a server that says when (Retry-After) is asked again, as by client-go. */
const mostRepeats = 10;
/** Together about 20 s: an API server that restarts is back by then. */
const tries = 9;
const longestPauseMs = 5000;
/** API servers answer within 60 s, if only to say that they couldn't. */
const silenceMs = 90_000;

/**
 * A server that answers 429 or 5xx and says when to come back (Retry-After) is asked again with every verb, as by
 * client-go. Without that header, a lost answer or a server that is restarting (502 to 504) is repeated for all but
 * POST: reads change nothing, and our patches and deletions name what they expect, so that a second one is refused.
 * A server that has never answered is not waited for: its address may be wrong.
 */
export function patientSender(connection: Connection): Send {
  let hasAnswered = false;
  return async (request, read) => {
    const limits = limitsOf(request, connection.requestTimeoutMs);
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await connection.send(request, limits);
        const status = response.statusCode ?? 0;
        hasAnswered ||= status < 500;
        if (status < 400) return await read(response);
        const asked = { ...request, contentType: response.headers['content-type'] };
        throw errorFromResponse(status, await textOf(response), retryAfterMs(response), asked);
      } catch (error) {
        const waitMs = pauseMs(request, error, attempt, hasAnswered);
        if (waitMs === undefined) throw error;
        await pauseWithin(limits, waitMs, request.signal);
      }
    }
  };
}

/**
 * What --request-timeout says is for all attempts together, as in client-go, and nothing else limits them then. Without
 * it, a connection that hangs without a byte counts as lost.
 */
export function limitsOf(request: ApiRequest, requestTimeoutMs: number | undefined): TimeLimits {
  if (request.streaming === true) return { endsAtMs: Infinity, silenceMs: Infinity };
  if (requestTimeoutMs === undefined) {
    return { endsAtMs: Infinity, silenceMs };
  }
  const endsAtMs = requestTimeoutMs === 0 ? Infinity : performance.now() + requestTimeoutMs;
  return { endsAtMs, silenceMs: Infinity };
}

function isRepeatable({ method, repeatable }: ApiRequest): boolean {
  return method !== 'POST' || repeatable === true;
}

/** How long to wait before sending it again; undefined when it must not be. */
function pauseMs(request: ApiRequest, error: unknown, attempt: number, hasAnswered: boolean): number | undefined {
  if (!(error instanceof ClusterError)) return undefined;
  const { status } = error;
  if (error.retryAfterMs !== undefined && (status === 429 || status >= 500)) {
    return attempt <= mostRepeats ? error.retryAfterMs : undefined;
  }
  const isPassing = isConnectionLoss(error) || [502, 503, 504].includes(status);
  const isWaitedFor = hasAnswered && attempt < tries && isPassing && isRepeatable(request);
  return isWaitedFor ? Math.min(100 * 2 ** attempt, longestPauseMs) : undefined;
}

/** @throws ClusterError when the time is up before */
async function pauseWithin({ endsAtMs }: TimeLimits, waitMs: number, signal: AbortSignal | undefined): Promise<void> {
  const leftMs = endsAtMs - performance.now();
  const until = Math.min(Math.max(0, waitMs), leftMs, longestTimerMs);
  await pause(until, undefined, signal === undefined ? {} : { signal });
  if (waitMs >= leftMs) throw waitTimeout();
}

/** Whole seconds, as client-go reads it; a date, which HTTP allows too, counts as nothing said. */
function retryAfterMs({ headers }: Answer): number | undefined {
  const text = headers['retry-after'] ?? '';
  return /^[+-]?\d+$/.test(text) ? Number(text) * 1000 : undefined;
}
