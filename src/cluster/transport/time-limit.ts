/** How long a request may take: --request-timeout, as Go's http.Client.Timeout, and client-go's limits for connecting. */
import type http from 'node:http';
import type { Socket } from 'node:net';
import { ClusterError } from '../../errors.ts';

export interface TimeLimits {
  /** When the answer must be there, head and body, on the clock of performance.now(); Infinity for no limit. */
  endsAtMs: number;
  /** How long the connection may say nothing while an answer is due; Infinity for no limit. */
  silenceMs: number;
}

/** The longest that a timer can hold: 24 days. */
export const longestTimerMs = 2 ** 31 - 1;
/** client-go's transport has the same limits (client-go transport/cache.go). */
const dialMs = 30_000;
const handshakeMs = 10_000;

const timeIsUpCode = 'ERR_TIME_IS_UP';

/** Whether the time that the user gave is over: not to be taken for a lost connection, which is tried again. */
export function isTimeUp(error: ClusterError): boolean {
  return error.reason === timeIsUpCode;
}

/** While waiting until the server may be asked again. */
export function waitTimeout(): ClusterError {
  return timeIsUp('client rate limiter Wait returned an error: context deadline exceeded');
}

/** Ends a request that takes longer, with kubectl's words. */
export function limitTime(outgoing: http.ClientRequest, { endsAtMs, silenceMs }: TimeLimits): void {
  const isTls = outgoing.protocol === 'https:';
  limitWhole(outgoing, isTls, endsAtMs);
  outgoing.once('socket', (socket: Socket) => {
    if (socket.connecting) limitConnecting(outgoing, socket, isTls);
  });
  if (silenceMs === Infinity) return;
  const words = `The server did not answer within ${silenceMs / 1000} s`;
  const end = (): void => {
    outgoing.destroy(new ClusterError(words, 0, 'ETIMEDOUT'));
  };
  outgoing.setTimeout(silenceMs, end);
  // A proxy that takes the connection and says nothing never gives a socket to wait on.
  const giveUp = (): void => {
    // Without a socket, Node keeps the error of destroy() to itself until there is one.
    outgoing.on('error', () => undefined);
    outgoing.emit('error', new ClusterError(words, 0, 'ETIMEDOUT'));
    outgoing.destroy();
  };
  const waiting = endLater(outgoing, giveUp, silenceMs);
  outgoing.once('socket', () => {
    clearTimeout(waiting);
  });
}

function limitWhole(outgoing: http.ClientRequest, isTls: boolean, endsAtMs: number): void {
  if (endsAtMs === Infinity) return;
  let response: http.IncomingMessage | undefined;
  let isConnected = false;
  outgoing.once('response', (begun) => (response = begun));
  outgoing.once('socket', (socket: Socket) => {
    isConnected = outgoing.reusedSocket;
    if (!isConnected) socket.once(isTls ? 'secureConnect' : 'connect', () => (isConnected = true));
  });
  const end = (): void => {
    if (response !== undefined) response.destroy(bodyTimeout());
    else outgoing.destroy(headTimeout(isConnected));
  };
  endLater(outgoing, end, endsAtMs - performance.now());
}

/** A machine that isn't there, and a server that takes connections and does nothing more. */
function limitConnecting(outgoing: http.ClientRequest, socket: Socket, isTls: boolean): void {
  const { port } = new URL(`${outgoing.protocol}//${String(outgoing.getHeader('host'))}`);
  let address = outgoing.host;
  socket.once('lookup', (_, found: string) => (address = found));
  const endDial = (): void => {
    const to = `${address}:${port === '' ? (isTls ? '443' : '80') : port}`;
    outgoing.destroy(new Error(`dial tcp ${to}: i/o timeout`));
  };
  const endHandshake = (): void => {
    outgoing.destroy(new Error('net/http: TLS handshake timeout'));
  };
  const dial = endLater(outgoing, endDial, dialMs);
  socket.once('connect', () => {
    clearTimeout(dial);
    const handshake = isTls ? endLater(outgoing, endHandshake, handshakeMs) : undefined;
    socket.once('secureConnect', () => {
      clearTimeout(handshake);
    });
  });
}

function endLater(outgoing: http.ClientRequest, end: () => void, afterMs: number): NodeJS.Timeout {
  const timer = setTimeout(end, Math.min(Math.max(0, afterMs), longestTimerMs));
  outgoing.once('close', () => {
    clearTimeout(timer);
  });
  return timer;
}

function headTimeout(isConnected: boolean): ClusterError {
  const where = isConnected ? '' : ' while waiting for connection';
  const words = `net/http: request canceled${where} (Client.Timeout exceeded while awaiting headers)`;
  return timeIsUp(`Unable to connect to the server: ${words}`);
}

function bodyTimeout(): ClusterError {
  const cause = 'context deadline exceeded (Client.Timeout or context cancellation while reading body)';
  return timeIsUp(`unexpected error when reading response body. Please retry. Original error: ${cause}`);
}

function timeIsUp(words: string): ClusterError {
  return new ClusterError(words, 0, timeIsUpCode);
}
