/** A server whose watches are in the test's hand: each watch request is given out as it arrives. */
import type { ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import type { ConfigMap } from '../../src/cluster/objects.ts';
import type { ApiServer } from './server.ts';
import { cut, refuse, reply, serve } from './server.ts';

export interface WatchRequest {
  query: URLSearchParams;
  event: (type: string, object: object) => void;
  /** As it is, without a line end. */
  write: (text: string) => void;
  end: () => void;
  cut: () => void;
  refuse: (status: number, reason: string) => void;
  /** Resolves when the client has let go. */
  closed: Promise<void>;
}

export interface Watched extends ApiServer {
  /** What a list answers from now on. */
  show: (version: string, ...objects: ConfigMap[]) => void;
  nextWatch: () => Promise<WatchRequest>;
  lists: () => number;
  watches: () => number;
}

export async function serveWatched(test: TestContext): Promise<Watched> {
  let items: ConfigMap[] = [];
  let resourceVersion = '1';
  const arrived: WatchRequest[] = [];
  const waiting: ((request: WatchRequest) => void)[] = [];
  const server = await serve(test, ({ query }, response) => {
    if (query.get('watch') !== 'true') {
      reply(response, 200, { apiVersion: 'v1', kind: 'ConfigMapList', metadata: { resourceVersion }, items });
      return;
    }
    const request = watchRequest(query, response);
    const next = waiting.shift();
    if (next === undefined) arrived.push(request);
    else next(request);
  });
  const count = (watch: boolean): number => server.received.filter(({ query }) => query.has('watch') === watch).length;
  return {
    ...server,
    show: (version, ...objects) => {
      [resourceVersion, items] = [version, objects];
    },
    nextWatch: () => {
      const request = arrived.shift();
      return request === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(request);
    },
    lists: () => count(false),
    watches: () => count(true),
  };
}

export function configMap(name: string, resourceVersion: string): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'kafka', resourceVersion } };
}

export function statusEvent(code: number, reason: string): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: 'too old', reason, code };
}

function watchRequest(query: URLSearchParams, response: ServerResponse): WatchRequest {
  const write = (text: string): void => {
    if (!response.headersSent) response.writeHead(200, { 'Content-Type': 'application/json' });
    response.write(text);
  };
  return {
    query,
    write,
    event: (type, object) => {
      write(`${JSON.stringify({ type, object })}\n`);
    },
    end: () => {
      if (!response.headersSent) response.writeHead(200);
      response.end();
    },
    cut: () => {
      cut(response);
    },
    refuse: (status, reason) => {
      refuse(response, status, reason);
    },
    closed: new Promise((resolve) => response.once('close', resolve)),
  };
}
