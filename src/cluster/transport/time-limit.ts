/** --request-timeout, as Go's http.Client.Timeout: one limit for the answer's head and body together. */
import type http from 'node:http';
import type { Socket } from 'node:net';
import { ClusterError } from '../../errors.ts';

/** The longest that a timer can hold: 24 days. */
const longestMs = 2 ** 31 - 1;

/**
 * Ends a request that takes longer, with kubectl's words.
 * @param timeoutMs 0 for no limit
 */
export function limitTime(outgoing: http.ClientRequest, isTls: boolean, timeoutMs: number): void {
  if (timeoutMs === 0) return;
  let response: http.IncomingMessage | undefined;
  let isConnected = false;
  outgoing.once('response', (begun) => (response = begun));
  outgoing.once('socket', (socket: Socket) => {
    isConnected = outgoing.reusedSocket;
    socket.once(isTls ? 'secureConnect' : 'connect', () => (isConnected = true));
  });
  const end = (): void => {
    if (response !== undefined) response.destroy(bodyTimeout());
    else
      outgoing.destroy(
        new Error(
          `net/http: request canceled${isConnected ? '' : ' while waiting for connection'} (Client.Timeout exceeded while awaiting headers)`,
        ),
      );
  };
  const timer = setTimeout(end, Math.min(timeoutMs, longestMs));
  outgoing.once('close', () => {
    clearTimeout(timer);
  });
}

function bodyTimeout(): ClusterError {
  const cause = 'context deadline exceeded (Client.Timeout or context cancellation while reading body)';
  const words = `error: unexpected error when reading response body. Please retry. Original error: ${cause}`;
  return new ClusterError(words, 0, '');
}
