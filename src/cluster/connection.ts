/** Requests to the API server: as whom, with which headers, and what comes back. */
import type http from 'node:http';
import { ClusterError } from '../errors.ts';
import type { CredentialSource } from './auth/credentials.ts';
import { credentialSource } from './auth/credentials.ts';
import { impersonationHeaders } from './auth/impersonation.ts';
import type { Target } from './config.ts';
import { goDuration } from './kubeconfig/timeout.ts';
import { errorFromNetwork } from './status.ts';
import type { Answer } from './transport/answer.ts';
import { unpacked } from './transport/answer.ts';
import { redirectOf } from './transport/redirect.ts';
import type { TimeLimits } from './transport/time-limit.ts';
import type { Exchange, Trace } from './transport/trace.ts';
import { openTrace } from './transport/trace.ts';
import { warningReader } from './transport/warnings.ts';
import type { Wire } from './transport/wire.ts';
import { openWire } from './transport/wire.ts';

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
  /** --request-timeout; undefined when it wasn't given, 0 for no limit. */
  readonly requestTimeoutMs: number | undefined;
  /** @throws ClusterError with status 0 when no answer came */
  send(request: ApiRequest, limits: TimeLimits): Promise<Answer>;
  close(): void;
}

/** As net/http: the tenth answer must be one. */
const maxRedirects = 10;

/**
 * @param writeTrace receives lines of the trace, from level 6 of the target's verbosity on
 * @param warn receives what the server warns of, each text once
 */
export function connect(
  target: Target,
  writeTrace?: (line: string) => void,
  warn?: (text: string) => void,
): Connection {
  const trace = writeTrace && openTrace(target.verbosity ?? 6, writeTrace);
  const readWarnings = warningReader(warn ?? (() => undefined));
  // What can't be used is refused when it is first needed, as every other failure is.
  let opened: Promise<Opened> | undefined;
  return {
    requestTimeoutMs: target.requestTimeoutMs,
    send: async (request, limits) => {
      const response = await followed(target, await (opened ??= open(target)), { ...request, limits }, trace);
      readWarnings(response.rawHeaders);
      const answer = await unpacked(response);
      return trace?.body(answer) ?? answer;
    },
    close: () => {
      void opened?.then(({ wire }) => {
        wire.close();
      }, ignore);
    },
  };
}

interface LimitedRequest extends ApiRequest {
  limits: TimeLimits;
}

interface Opened {
  wire: Wire;
  source: CredentialSource;
}

async function open(target: Target): Promise<Opened> {
  return { wire: await openWire(new URL(target.server), target.cluster), source: credentialSource(target) };
}

function ignore(): void {
  // Whoever sent a request has been told.
}

async function followed(
  target: Target,
  opened: Opened,
  request: LimitedRequest,
  trace: Trace | undefined,
): Promise<http.IncomingMessage> {
  try {
    let url = urlOf(target, request);
    for (let redirects = 0; redirects < maxRedirects; redirects++) {
      const response = await authorized(target, opened, request, url, trace);
      const next = redirectOf(request.method, url, response);
      if (next === undefined) return response;
      response.resume();
      url = next;
    }
    throw new Error(`stopped after ${maxRedirects} redirects`);
  } catch (error) {
    if (error instanceof ClusterError || (error instanceof Error && error.name === 'AbortError')) throw error;
    throw errorFromNetwork(target.host, error);
  }
}

/** Credentials that the server refuses are renewed once, where they can be: it has done nothing yet. */
async function authorized(
  target: Target,
  { wire, source }: Opened,
  request: LimitedRequest,
  url: URL,
  trace: Trace | undefined,
): Promise<http.IncomingMessage> {
  const used = await source.current();
  const send = async ({ authorization, certificate } = used): Promise<http.IncomingMessage> => {
    const { signal, limits } = request;
    const exchange = exchangeOf(target, request, url, authorization);
    return traced(trace, exchange, () => wire.send(exchange, { certificate, signal, limits }));
  };
  const response = await send();
  if (response.statusCode !== 401 || (await source.renew?.(used)) !== true) return response;
  response.resume();
  return send(await source.current());
}

function exchangeOf(target: Target, request: ApiRequest, url: URL, authorization: string | undefined): Exchange {
  const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
  return {
    method: request.method,
    url: url.href,
    headers: {
      ...(authorization !== undefined && { Authorization: authorization }),
      ...impersonationHeaders(target.user),
      ...(target.cluster['disable-compression'] !== true && { 'Accept-Encoding': 'gzip' }),
      Accept: request.accept ?? 'application/json',
      'User-Agent': 'kubectl-pvsnap',
      ...(body !== undefined && {
        'Content-Type': request.contentType ?? 'application/json',
        'Content-Length': body.length,
      }),
    },
    body,
  };
}

async function traced(
  trace: Trace | undefined,
  exchange: Exchange,
  send: () => Promise<http.IncomingMessage>,
): Promise<http.IncomingMessage> {
  const startedAtMs = performance.now();
  const elapsedMs = (): number => Math.round(performance.now() - startedAtMs);
  trace?.sending(exchange);
  try {
    const response = await send();
    trace?.answered(exchange, response, elapsedMs());
    return response;
  } catch (error) {
    trace?.failed(exchange, elapsedMs());
    throw error;
  }
}

function urlOf(target: Target, request: ApiRequest): URL {
  const url = new URL(target.server + request.path);
  for (const [key, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.set(key, String(value));
  }
  // The server gives up at the same time as we do.
  const limit = request.streaming === true ? undefined : target.requestTimeoutMs;
  if (limit !== undefined && limit > 0) url.searchParams.set('timeout', goDuration(limit));
  return url;
}
