/**
 * HTTP to the API server over a pool of kept-alive connections. Trust and credentials come from client-node's
 * KubeConfig; requests go through Node's own https, because client-node opens a connection for every call.
 */
import http from 'node:http';
import https from 'node:https';
import type { Target } from './config.ts';
import { errorFromNetwork } from './status.ts';

export interface ApiRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  contentType?: string;
  accept?: string;
  signal?: AbortSignal | undefined;
  /** A POST that changes nothing, such as a review or a dry run: it may be sent again. */
  repeatable?: boolean;
  /** A watch: no time limit for the whole answer. */
  streaming?: boolean;
}

export interface Connection {
  /** @throws ClusterError with status 0 when no answer came */
  send(request: ApiRequest): Promise<http.IncomingMessage>;
  close(): void;
}

/** So many at once that the members of a set are created together, and not so many that a proxy takes offence. */
const maxSockets = 32;

/** @param trace receives a line per request and per answer, without headers or bodies: no secret is in it */
export function connect(target: Target, trace?: (line: string) => void): Connection {
  const pool = newPool(target);
  return {
    send: async (request) => {
      const startedMs = Date.now();
      const response = await sendAgain(target, pool, request);
      trace?.(
        `${request.method} ${urlOf(target, request).href} ${response.statusCode ?? 0} in ${Date.now() - startedMs} ms`,
      );
      return response;
    },
    close: () => {
      pool.destroy();
    },
  };
}

/** A GET on a connection that the server had just closed is sent once more; anything else is the caller's to decide. */
async function sendAgain(target: Target, pool: http.Agent, request: ApiRequest): Promise<http.IncomingMessage> {
  try {
    return await sendOnce(target, pool, request);
  } catch (error) {
    if (!(error instanceof StaleConnection) || request.method !== 'GET') throw unwrap(target, error);
  }
  return sendOnce(target, pool, request).catch((error: unknown) => {
    throw unwrap(target, error);
  });
}

async function sendOnce(target: Target, pool: http.Agent, request: ApiRequest): Promise<http.IncomingMessage> {
  const url = urlOf(target, request);
  const options: https.RequestOptions = {};
  await target.config.applyToHTTPSOptions(options);
  const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
  const headers = {
    ...(options.headers as http.OutgoingHttpHeaders | undefined),
    ...target.headers,
    Accept: request.accept ?? 'application/json',
    'User-Agent': 'kubectl-pvsnap',
    ...(body !== undefined && {
      'Content-Type': request.contentType ?? 'application/json',
      'Content-Length': body.length,
    }),
  };
  const agent = target.config.getCurrentCluster()?.proxyUrl === undefined ? pool : options.agent;
  const timeoutMs = request.streaming === true ? 0 : target.requestTimeoutMs;
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'http:' ? http : https).request(url, {
      ...options,
      method: request.method,
      headers,
      agent,
      timeout: timeoutMs,
      signal: request.signal,
    });
    outgoing.once('response', resolve);
    outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms (--request-timeout)`)));
    outgoing.once('error', (error) => {
      const stale = outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
      reject(stale ? new StaleConnection(error) : error);
    });
    outgoing.end(body);
  });
}

/** The server closed a kept-alive connection at the moment when a request was written to it. */
class StaleConnection extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

function unwrap(target: Target, error: unknown): unknown {
  if (error instanceof Error && error.name === 'AbortError') return error;
  return errorFromNetwork(target.server, error instanceof StaleConnection ? error.cause : error);
}

function newPool(target: Target): http.Agent {
  const options = { keepAlive: true, maxSockets, scheduling: 'lifo' } as const;
  return target.server.startsWith('http:') ? new http.Agent(options) : new https.Agent(options);
}

function urlOf(target: Target, request: ApiRequest): URL {
  const url = new URL(target.server + request.path);
  for (const [key, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.set(key, String(value));
  }
  return url;
}
