/** The API server as the rest of the program sees it: a handful of verbs on raw objects. */
import { setTimeout as pause } from 'node:timers/promises';
import { ClusterError, isClusterError } from '../errors.ts';
import type { ConfigFlags } from './config.ts';
import { loadTarget } from './config.ts';
import type { ApiRequest, Connection } from './connection.ts';
import { connect } from './connection.ts';
import type { KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';
import { pathOf } from './resources.ts';
import { errorFromResponse, isConnectionLoss } from './status.ts';
import type { Answer } from './transport/answer.ts';

export interface Scope {
  /** Absent: the resource has none, or all namespaces are meant. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
}

interface WriteOptions {
  /** The server does everything but store it. */
  dryRun?: boolean;
  /** Such as `status` or `scale`. */
  subresource?: string;
}

/** The object must still be this one, or the server refuses with Conflict. */
interface Preconditions {
  uid?: string | undefined;
  resourceVersion?: string | undefined;
}

/**
 * Every verb throws ClusterError: the API server's refusal, or no answer.
 * Reads are repeated where that is safe; a write is sent once, and whoever sent it looks what became of it.
 */
export interface Cluster {
  /** The namespace of the command line or the context. */
  readonly namespace: string;
  get<T extends KubeObject>(resource: Resource<T>, name: string, namespace?: string): Promise<T>;
  /** undefined when there is no such object. */
  find<T extends KubeObject>(resource: Resource<T>, name: string, namespace?: string): Promise<T | undefined>;
  list<T extends KubeObject>(resource: Resource<T>, scope?: Scope): Promise<T[]>;
  create<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<T>;
  /** A JSON merge patch; `metadata.resourceVersion` in it makes the server refuse when the object has changed. */
  patch<T extends KubeObject>(
    resource: Resource<T>,
    object: { name: string; namespace?: string | undefined },
    patch: object,
    options?: WriteOptions,
  ): Promise<T>;
  delete(
    resource: Resource,
    object: { name: string; namespace?: string | undefined },
    preconditions: Preconditions,
    options?: WriteOptions,
  ): Promise<void>;
  /** For what doesn't fit the verbs above, such as Tables and reviews: the answer's JSON. */
  ask(request: ApiRequest): Promise<unknown>;
  /** For an answer that is read as it comes, such as a watch. The status has been checked. */
  send(request: ApiRequest): Promise<Answer>;
  close(): void;
}

/** Objects asked for at once; kubectl's own default. */
const pageSize = 500;
/** Together about 20 s: an API server that restarts is back by then. */
const tries = 9;
const longestPauseMs = 5000;
/** An admission webhook may take 30 s. */
const answerMs = 60_000;

/**
 * @param trace receives the lines of -v
 * @param warn receives what the server warns of, each text once
 */
export function openCluster(
  flags: ConfigFlags,
  trace?: (line: string) => void,
  warn?: (text: string) => void,
): Cluster {
  const target = loadTarget(flags);
  return clusterOver(connect(target, trace, warn), target.namespace);
}

function clusterOver(connection: Connection, namespace: string): Cluster {
  const patiently = patientSender(connection);
  const send: Cluster['send'] = (request) => patiently(request, (response) => Promise.resolve(response));
  const ask: Cluster['ask'] = (request) => patiently(request, jsonOf);

  const get: Cluster['get'] = async <T extends KubeObject>(resource: Resource<T>, name: string, within?: string) =>
    (await ask({ method: 'GET', path: pathOf(resource, within, name) })) as T;

  return {
    namespace,
    send,
    ask,
    get,
    find: async (resource, name, within) => {
      try {
        return await get(resource, name, within);
      } catch (error) {
        if (isClusterError(error, 'NotFound')) return undefined;
        throw error;
      }
    },
    list: async <T extends KubeObject>(resource: Resource<T>, scope: Scope = {}) =>
      (await listAll(ask, resource, scope)).items as T[],
    create: async <T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions) => {
      const path = pathOf(resource, object.metadata.namespace, undefined, options?.subresource);
      return (await ask({
        method: 'POST',
        path,
        body: object,
        query: writeQuery(options),
        repeatable: options?.dryRun === true,
      })) as T;
    },
    patch: async <T extends KubeObject>(
      resource: Resource<T>,
      object: { name: string; namespace?: string | undefined },
      patch: object,
      options?: WriteOptions,
    ) =>
      (await ask({
        method: 'PATCH',
        path: pathOf(resource, object.namespace, object.name, options?.subresource),
        body: patch,
        contentType: 'application/merge-patch+json',
        query: writeQuery(options),
      })) as T,
    delete: async (resource, object, preconditions, options) => {
      await ask({
        method: 'DELETE',
        path: pathOf(resource, object.namespace, object.name),
        body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions },
        query: writeQuery(options),
      });
    },
    close: () => {
      connection.close();
    },
  };
}

export interface ObjectList {
  items: KubeObject[];
  resourceVersion: string;
}

/** Lists page by page. Items of a list carry no apiVersion and kind of their own: they are put back. */
export async function listAll(
  ask: (request: ApiRequest) => Promise<unknown>,
  resource: Resource,
  scope: Scope,
): Promise<ObjectList> {
  const items: KubeObject[] = [];
  const path = pathOf(resource, scope.namespace);
  const { labelSelector, fieldSelector } = scope;
  let next: string | undefined;
  let resourceVersion = '';
  do {
    const query = { labelSelector, fieldSelector, limit: pageSize, continue: next };
    const page = (await ask({ method: 'GET', path, query })) as {
      apiVersion: string;
      metadata: { resourceVersion?: string; continue?: string };
      items: Omit<KubeObject, 'apiVersion' | 'kind'>[] | null;
    };
    for (const item of page.items ?? []) items.push({ apiVersion: page.apiVersion, kind: resource.kind, ...item });
    resourceVersion = page.metadata.resourceVersion ?? '';
    next = page.metadata.continue === '' ? undefined : page.metadata.continue;
  } while (next !== undefined);
  return { items, resourceVersion };
}

/** @throws ClusterError with status 0 when the connection breaks in the middle */
async function textOf(response: Answer): Promise<string> {
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

async function jsonOf(response: Answer): Promise<unknown> {
  const text = await textOf(response);
  try {
    return JSON.parse(text);
  } catch {
    const start = text.slice(0, 200).trim();
    throw new ClusterError(
      `the server does not answer as a Kubernetes API server: ${start}`,
      response.statusCode ?? 0,
      '',
    );
  }
}

/**
 * Sends a request until it is answered for good. A server under load answers 429 before it does anything, so that is
 * repeated for every verb. A lost answer or a server that is restarting (502 to 504) is repeated for all but POST:
 * reads change nothing, and our patches and deletions name what they expect, so that a second one is refused.
 * A server that has never answered is not waited for: its address may be wrong.
 */
function patientSender(
  connection: Connection,
): <R>(request: ApiRequest, read: (response: Answer) => Promise<R>) => Promise<R> {
  let hasAnswered = false;
  return async (request, read) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await sendInTime(connection, request, async (response) => {
          const status = response.statusCode ?? 0;
          hasAnswered ||= status < 500;
          if (status < 400) return read(response);
          const asked = { ...request, contentType: response.headers['content-type'] };
          throw errorFromResponse(status, await textOf(response), retryAfterMs(response), asked);
        });
      } catch (error) {
        const waitMs = hasAnswered && attempt < tries ? pauseMs(request, error, attempt) : undefined;
        if (waitMs === undefined) throw error;
        await pause(waitMs, undefined, request.signal === undefined ? {} : { signal: request.signal });
      }
    }
  };
}

/** A request that nobody answers, on a connection that nobody ends, must not hang for ever: it counts as lost. */
async function sendInTime<R>(
  connection: Connection,
  request: ApiRequest,
  read: (response: Answer) => Promise<R>,
): Promise<R> {
  if (request.streaming === true) return read(await connection.send(request));
  const limit = AbortSignal.timeout(answerMs);
  const signal = request.signal === undefined ? limit : AbortSignal.any([request.signal, limit]);
  try {
    return await read(await connection.send({ ...request, signal }));
  } catch (error) {
    const isLate = limit.aborted && request.signal?.aborted !== true;
    throw isLate ? new ClusterError(`The server did not answer within ${answerMs / 1000} s`, 0, 'ETIMEDOUT') : error;
  }
}

/** How long to wait before sending it again; undefined when it must not be. */
function pauseMs(request: ApiRequest, error: unknown, attempt: number): number | undefined {
  if (!(error instanceof ClusterError)) return undefined;
  if (error.status === 429) return error.retryAfterMs;
  const isPassing = isConnectionLoss(error) || [502, 503, 504].includes(error.status);
  return isPassing && (request.method !== 'POST' || request.repeatable === true)
    ? Math.min(100 * 2 ** attempt, longestPauseMs)
    : undefined;
}

function retryAfterMs(response: Answer): number | undefined {
  const seconds = Number(response.headers['retry-after']);
  return Number.isNaN(seconds) ? undefined : seconds * 1000;
}

function writeQuery(options: WriteOptions | undefined): Record<string, string> {
  return { fieldManager: 'kubectl-pvsnap', ...(options?.dryRun === true && { dryRun: 'All' }) };
}
