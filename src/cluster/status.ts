/** Turns what the API server, or the network, answered into a ClusterError that reads as kubectl's. */
import { ClusterError } from '../errors.ts';
import type { Asked } from './statusless.ts';
import { statusless } from './statusless.ts';
import { goFailure } from './transport/failures.ts';
import { isTimeUp } from './transport/time-limit.ts';

interface Status {
  message: string;
  reason: string;
  details: { kind?: string; name?: string; causes?: { field?: string; message?: string }[] };
}

/**
 * @param body the response's text: a Status object, or anything a proxy in between may have written
 * @param asked what was asked for: client-go's own words name it when the server's are missing
 */
export function errorFromResponse(
  httpStatus: number,
  body: string,
  retryAfterMs?: number,
  asked?: Asked,
): ClusterError {
  const status = parseStatus(body) ?? { ...statusless(httpStatus, body, asked), details: {} };
  return new ClusterError(textOf(status, asked?.method), httpStatus, status.reason, { retryAfterMs });
}

/**
 * No answer came: refused, reset, unknown host, wrong certificate. The cause stays attached.
 * @param server as messages name it, or its address
 */
export function errorFromNetwork(server: string, cause: unknown): ClusterError {
  const code = codeOf(cause);
  if (code === 'ECONNREFUSED' || (cause instanceof Error && /ECONNREFUSED|connection refused/.test(cause.message))) {
    const host = server.replace(/^[a-z]+:\/\//, '').replace(/\/.*$/, '');
    const message = `The connection to the server ${host} was refused - did you specify the right host or port?`;
    return new ClusterError(message, 0, code, { cause });
  }
  const words = cause instanceof Error ? (goFailure(cause) ?? cause.message) : String(cause);
  return new ClusterError(`Unable to connect to the server: ${words}`, 0, code, { cause });
}

/**
 * Whether the request may never have reached the server, or its answer was lost on the way. One that the user's
 * --request-timeout ended is none: nothing is tried again after it.
 */
export function isConnectionLoss(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 0 && !isTimeUp(error);
}

/** kubectl's words (k8s.io/kubectl pkg/cmd/util StandardErrorMessage). */
function textOf({ message, reason, details }: Status, method: string | undefined): string {
  if (reason === 'Unauthorized') return `error: You must be logged in to the server (${message})`;
  // `kubectl get` shows the message.
  if (reason === 'Invalid' && method !== 'GET') return invalidText(message, details);
  return reason === '' ? `Error from server: ${message}` : `Error from server (${reason}): ${message}`;
}

/** What was sent is not valid: the causes, each once, instead of the message that repeats them in a line. */
function invalidText(message: string, { kind = '', name = '', causes = [] }: Status['details']): string {
  const lines = [...new Set(causes.map((cause) => `${cause.field ?? ''}: ${cause.message ?? ''}`))];
  const isNamed = kind !== '' || name !== '';
  const what = isNamed ? `The ${kind} "${name}" is invalid` : 'The request is invalid';
  if (lines.length === 0) return isNamed || message === '' ? what : `${what}: ${message}`;
  return lines.length === 1
    ? `${what}: ${lines.join('')}`
    : [`${what}: `, ...lines.map((line) => `* ${line}`)].join('\n');
}

function parseStatus(body: string): Status | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // Not JSON: a proxy or load balancer answered.
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { kind, message, reason, details } = value as Record<string, unknown>;
  if (kind !== 'Status' || typeof message !== 'string') return undefined;
  return { message, reason: typeof reason === 'string' ? reason : '', details: details ?? {} };
}

function codeOf(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return '';
}
