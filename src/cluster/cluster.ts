/** The API server as the rest of the program sees it: a handful of verbs on raw objects. */
import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { isClusterError } from '../errors.ts';
import type { ConfigFlags } from './config.ts';
import { loadTarget } from './config.ts';
import type { ApiRequest, Connection } from './connection.ts';
import { connect } from './connection.ts';
import type { KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';
import { pathOf } from './resources.ts';
import { errorFromResponse } from './status.ts';

export interface Scope {
  /** Absent: the resource has none, or all namespaces are meant. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
}

export interface WriteOptions {
  /** The server does everything but store it. */
  dryRun?: boolean;
  /** Such as `status` or `scale`. */
  subresource?: string;
}

/** The object must still be this one, or the server refuses with Conflict. */
export interface Preconditions {
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
  /** For what doesn't fit the verbs above: Tables, watches, reviews. The status has been checked. */
  send(request: ApiRequest): Promise<IncomingMessage>;
  close(): void;
}

/** Objects asked for at once; kubectl's own default. */
const pageSize = 500;

export function openCluster(flags: ConfigFlags, trace?: (line: string) => void): Cluster {
  const target = loadTarget(flags);
  return clusterOver(connect(target, trace), target.namespace);
}

function clusterOver(connection: Connection, namespace: string): Cluster {
  const send = (request: ApiRequest): Promise<IncomingMessage> => sendChecked(connection, request);
  const ask = async (request: ApiRequest): Promise<unknown> => JSON.parse(await textOf(await send(request)));

  const get: Cluster['get'] = async <T extends KubeObject>(resource: Resource<T>, name: string, within?: string) =>
    (await ask({ method: 'GET', path: pathOf(resource, within, name) })) as T;

  return {
    namespace,
    send,
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
      return (await ask({ method: 'POST', path, body: object, query: writeQuery(options) })) as T;
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

export async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** A server under load answers 429 before it does anything: that request is sent again when it says so. */
async function sendChecked(connection: Connection, request: ApiRequest): Promise<IncomingMessage> {
  for (let attempt = 1; ; attempt++) {
    const response = await connection.send(request);
    const status = response.statusCode ?? 0;
    if (status < 400) return response;
    const body = await textOf(response);
    const waitSeconds = Number(response.headers['retry-after']);
    if (status !== 429 || attempt > 10 || !(waitSeconds >= 0)) throw errorFromResponse(status, body);
    await pause(waitSeconds * 1000, undefined, request.signal === undefined ? {} : { signal: request.signal });
  }
}

function writeQuery(options: WriteOptions | undefined): Record<string, string> {
  return { fieldManager: 'kubectl-pvsnap', ...(options?.dryRun === true && { dryRun: 'All' }) };
}
