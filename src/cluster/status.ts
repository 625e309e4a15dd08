/** Turns what the API server, or the network, answered into a ClusterError that reads as kubectl's. */
import { ClusterError } from '../errors.ts';

interface Status {
  message?: string;
  reason?: string;
  code?: number;
}

/** @param body the response's text: a Status object, or anything a proxy in between may have written. */
export function errorFromResponse(httpStatus: number, body: string, retryAfterMs?: number): ClusterError {
  const status = parseStatus(body);
  const reason = status.reason ?? '';
  const message = status.message ?? `the server answered ${httpStatus}: ${body.slice(0, 200).trim()}`;
  const text = reason === '' ? `Error from server: ${message}` : `Error from server (${reason}): ${message}`;
  return new ClusterError(text, httpStatus, reason, { retryAfterMs });
}

/** No answer came: refused, reset, unknown host, wrong certificate. The cause stays attached. */
export function errorFromNetwork(server: string, cause: unknown): ClusterError {
  const code = codeOf(cause);
  const host = new URL(server).host;
  if (code === 'ECONNREFUSED') {
    const message = `The connection to the server ${host} was refused - did you specify the right host or port?`;
    return new ClusterError(message, 0, code, { cause });
  }
  const words = cause instanceof Error ? cause.message : String(cause);
  return new ClusterError(`Unable to connect to the server: ${words} (${host})`, 0, code, { cause });
}

/** Whether the request may never have reached the server, or its answer was lost on the way. */
export function isConnectionLoss(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 0;
}

function parseStatus(body: string): Status {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    // Not JSON: a proxy or load balancer answered; the caller shows the text itself.
    return {};
  }
}

function codeOf(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return '';
}
