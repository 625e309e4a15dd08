/** A small client of the API server for the cluster's start and for tests: none of the product's code, which it tests. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { kindOf, listPath, objectPath } from './kinds.ts';

export interface Credentials {
  url: string;
  /** PEM each. */
  authority: string;
  certificate: string;
  key: string;
}

/** Any object of the API. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
  };
  [field: string]: unknown;
}

export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Every method throws ApiError when the server refuses, and the connection's own error when there is none. */
export interface Api {
  /** @param namespace for kinds that live in one */
  get<T extends object = KubeObject>(kind: string, name: string, namespace?: string): Promise<T>;
  create<T extends object = KubeObject>(object: NewObject, namespace?: string): Promise<T>;
  /** Creates the object, or makes an existing one say what it says (server-side apply). */
  apply<T extends object = KubeObject>(object: KubeObject, namespace?: string): Promise<T>;
  /** Changes an object that is there (merge patch). */
  patch<T extends object = KubeObject>(target: Target, change: object): Promise<T>;
  delete(kind: string, name: string, namespace?: string): Promise<void>;
  checkReady(): Promise<void>;
  /**
   * Watches objects, which need not exist yet, until `isTrue` holds for one, and returns that as it is then.
   * @throws the signal's reason when it aborts
   */
  watchUntil<T extends object = KubeObject>(watched: Watched, isTrue: Condition<T>, signal: AbortSignal): Promise<T>;
  close(): void;
}

type NewObject = Pick<KubeObject, 'kind'> & Record<string, unknown>;

interface Target {
  kind: string;
  name: string;
  namespace?: string;
  subresource?: 'scale' | 'status';
}

export interface Watched {
  kind: string;
  namespace?: string;
  /** What the server selects by, such as `metadata.name`. */
  fields: Record<string, string>;
  /** The version after which it begins; without one, with what is there. */
  since?: string;
}

/** @param isDeleted the object is as it was when it went */
export type Condition<T> = (object: T, isDeleted: boolean) => boolean;

/** @param manager whose fields managedFields says that the written ones are */
export function connect(credentials: Credentials, manager = 'test'): Api {
  const { url, authority: ca, certificate: cert, key } = credentials;
  const agent = new Agent({ keepAlive: true, ca, cert, key });
  const send = async (call: Call): Promise<IncomingMessage> => {
    const { method = 'GET', path, body, contentType = 'application/json', signal } = call;
    const options = { agent, method, headers: { 'content-type': contentType }, ...(signal && { signal }) };
    const outgoing = request(`${url}${path}`, options);
    outgoing.end(body && JSON.stringify(body));
    const answered = once(outgoing, 'response').catch((error: unknown) => {
      // The server had closed a connection that was kept: it has not seen the request.
      if (outgoing.reusedSocket && method === 'GET') return undefined;
      throw error;
    });
    const [response] = ((await answered) ?? []) as [IncomingMessage?];
    if (response === undefined) return send(call);
    const status = response.statusCode ?? 0;
    if (status >= 300) throw new ApiError(status, `${method} ${path}: ${status} ${await text(response)}`);
    return response;
  };
  const ask = async <T>(call: Call): Promise<T> => JSON.parse(await text(await send(call))) as T;
  return {
    get: (kind, name, namespace) => ask({ path: objectPath(kind, name, namespace) }),
    create: (object, namespace) =>
      ask({ method: 'POST', path: `${listPath(kindOf(object), namespace)}?fieldManager=${manager}`, body: object }),
    apply: (object, namespace) => ask(applyCall(object, namespace, manager)),
    patch: (target, change) => ask(patchCall(target, change, manager)),
    delete: async (kind, name, namespace) => ask({ method: 'DELETE', path: objectPath(kind, name, namespace) }),
    checkReady: async () => {
      await text(await send({ path: '/readyz' }));
    },
    watchUntil: async ({ kind, namespace, fields, since = '' }, isTrue, signal) => {
      const selector = Object.entries(fields).map(([field, value]) => `${field}=${value}`);
      const query = new URLSearchParams({ watch: 'true', fieldSelector: selector.join(','), resourceVersion: since });
      const path = `${listPath(kind, namespace)}?${query.toString()}`;
      try {
        return await firstEvent(await send({ path, signal }), isTrue);
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      }
    },
    close: () => {
      agent.destroy();
    },
  };
}

interface Call {
  method?: string;
  path: string;
  body?: object;
  contentType?: string;
  signal?: AbortSignal;
}

function applyCall(object: KubeObject, namespace: string | undefined, manager: string): Call {
  const path = `${objectPath(kindOf(object), object.metadata.name, namespace)}?fieldManager=${manager}&force=true`;
  return { method: 'PATCH', path, body: object, contentType: 'application/apply-patch+yaml' };
}

function patchCall({ kind, name, namespace, subresource }: Target, change: object, manager: string): Call {
  const object = objectPath(kind, name, namespace);
  const path = `${object}${subresource === undefined ? '' : `/${subresource}`}?fieldManager=${manager}`;
  return { method: 'PATCH', path, body: change, contentType: 'application/merge-patch+json' };
}

/** Leaving the loop ends the watch. */
async function firstEvent<T extends object>(response: IncomingMessage, isTrue: Condition<T>): Promise<T> {
  for await (const line of linesOf(response)) {
    const { type, object } = JSON.parse(line) as { type: string; object: T };
    if (type === 'ERROR') throw new Error(`the watch ended: ${line}`);
    if (isTrue(object, type === 'DELETED')) return object;
  }
  throw new Error('the API server closed the watch before the condition held');
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  let unfinished = '';
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (unfinished + chunk).split('\n');
    unfinished = lines.pop() ?? '';
    yield* lines;
  }
}
