/** The API server as the rest of the program sees it: a handful of verbs on raw objects. */
import { ClusterError, isClusterError } from '../errors.ts';
import type { ConfigFlags } from './config.ts';
import { loadTarget } from './config.ts';
import type { ApiRequest, Connection } from './connection.ts';
import { connect } from './connection.ts';
import type { KubeObject } from './objects.ts';
import { patientSender } from './patience.ts';
import type { Resource } from './resources.ts';
import { pathOf } from './resources.ts';
import type { Answer } from './transport/answer.ts';
import { textOf } from './transport/answer.ts';

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
  /**
   * For what doesn't fit the verbs above, such as Tables and reviews: the answer's JSON.
   * @param parse JSON.parse, if nothing else is said
   */
  ask(request: ApiRequest, parse?: (text: string) => unknown): Promise<unknown>;
  /** For an answer that is read as it comes, such as a watch. The status has been checked. */
  send(request: ApiRequest): Promise<Answer>;
  close(): void;
}

/** Objects asked for at once; kubectl's own default. */
const pageSize = 500;

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
  const ask: Cluster['ask'] = (request, parse = JSON.parse) =>
    patiently(request, (response) => jsonOf(response, parse));

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
        // With a body, the server doesn't read the options in the query: a dry run there would delete.
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          preconditions,
          ...(options?.dryRun === true && { dryRun: ['All'] }),
        },
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

async function jsonOf(response: Answer, parse: (text: string) => unknown): Promise<unknown> {
  const text = await textOf(response);
  try {
    return parse(text);
  } catch {
    const start = text.slice(0, 200).trim();
    throw new ClusterError(
      `the server does not answer as a Kubernetes API server: ${start}`,
      response.statusCode ?? 0,
      '',
    );
  }
}

function writeQuery(options: WriteOptions | undefined): Record<string, string> {
  return { fieldManager: 'kubectl-pvsnap', ...(options?.dryRun === true && { dryRun: 'All' }) };
}
