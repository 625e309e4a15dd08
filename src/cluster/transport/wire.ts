/** Carries single requests to the server: its pool of connections, and the proxy in between. */
import type http from 'node:http';
import type { Credentials } from '../auth/credentials.ts';
import type { ClusterEntry } from '../kubeconfig/shape.ts';
import type { Pool } from './agent.ts';
import { openPool } from './agent.ts';
import { expiryOf } from './expiry.ts';
import { goFailure } from './failures.ts';
import { proxyAuthorization, proxyFor } from './proxy.ts';
import { requestTo } from './request.ts';
import type { TimeLimits } from './time-limit.ts';
import { limitTime } from './time-limit.ts';
import type { Exchange } from './trace.ts';
import { trustOptions } from './trust.ts';

export interface Wire {
  /** @throws Error of Node's when no answer comes */
  send(exchange: Exchange, options: Options): Promise<http.IncomingMessage>;
  close(): void;
}

interface Options {
  certificate: Credentials['certificate'];
  signal: AbortSignal | undefined;
  limits: TimeLimits;
}

/**
 * So many at once that the members of a large set are created together: with 32, the answers to 100 creates came
 * over twice the time. Not so many that a proxy takes offence.
 */
const maxSockets = 128;

/** @throws ClusterError when the cluster entry can't be used */
export async function openWire(server: URL, cluster: ClusterEntry): Promise<Wire> {
  const isTls = server.protocol === 'https:';
  const proxy = proxyFor(server, cluster['proxy-url']);
  const trust = isTls || proxy?.protocol === 'https:' ? trustOptions(cluster) : {};
  const pool = await openPool(server, proxy, trust, { keepAlive: true, maxSockets, scheduling: 'lifo' });
  const plainProxy = isTls || proxy?.protocol === 'socks5:' ? undefined : proxy;
  return {
    send: async (exchange, options) => {
      try {
        return await sendAgain(pool, () => sendOnce(pool, plainProxy, exchange, options), exchange.method);
      } catch (error) {
        throw proxy === undefined ? await withDates(error, server, trust.servername) : ofProxy(error, proxy);
      }
    },
    close: () => {
      pool.agent.destroy();
    },
  };
}

/** A GET on a connection that the server had just closed is sent once more; anything else is the caller's to decide. */
async function sendAgain<R>({ agent }: Pool, send: () => Promise<R>, method: string): Promise<R> {
  const unwrap = (error: unknown): never => {
    throw error instanceof StaleConnection ? error.cause : error;
  };
  return send().catch((error: unknown) => {
    if (!(error instanceof StaleConnection) || method !== 'GET') return unwrap(error);
    // Something in between has forgotten this connection, so probably the others too.
    for (const sockets of Object.values(agent.freeSockets)) sockets?.forEach((socket) => socket.destroy());
    return send().catch(unwrap);
  });
}

async function withDates(error: unknown, server: URL, serverName: string | undefined): Promise<unknown> {
  if (!(error instanceof Error && isOutOfDate(error))) return error;
  const dates = await expiryOf(server, serverName);
  const words = goFailure(error) ?? error.message;
  return dates === undefined ? error : new Error(`${words}: ${dates}`, { cause: error });
}

function ofProxy(error: unknown, proxy: URL): unknown {
  const isItsName = error instanceof Error && 'hostname' in error && error.hostname === proxy.hostname;
  return isItsName ? new Error(`proxyconnect tcp: ${goFailure(error) ?? error.message}`, { cause: error }) : error;
}

function isOutOfDate(error: Error): boolean {
  return 'code' in error && (error.code === 'CERT_HAS_EXPIRED' || error.code === 'CERT_NOT_YET_VALID');
}

/** The server closed a kept-alive connection at the moment when a request was written to it. */
class StaleConnection extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

function sendOnce(
  { agent, options }: Pool,
  plainProxy: URL | undefined,
  { method, url, headers, body }: Exchange,
  { certificate, signal, limits }: Options,
): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const viaProxy = plainProxy && { Host: new URL(url).host, ...proxyAuthorization(plainProxy) };
  const outgoing = requestTo(plainProxy ?? new URL(url), {
    ...options,
    method,
    headers: { ...viaProxy, ...headers },
    agent,
    ...certificate,
    ...(plainProxy !== undefined && { path: url }),
    ...(signal !== undefined && { signal }),
  });
  limitTime(outgoing, limits);
  // What a proxy answers instead of connecting isn't the server's answer.
  outgoing.once('proxyConnect', (answer: { statusCode: number; statusText: string }) => {
    if (answer.statusCode !== 200) outgoing.destroy(new Error(answer.statusText));
  });
  outgoing.once('response', resolve);
  outgoing.once('error', (error) => {
    const isStale = outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
    reject(isStale ? new StaleConnection(error) : error);
  });
  outgoing.end(body);
  return promise;
}
