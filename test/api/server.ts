/** An HTTP server that answers as the test says, for what the real API server can't be made to do. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { openCluster } from '../../src/cluster/cluster.ts';
import type { ConfigFlags } from '../../src/cluster/config.ts';
import { createAuthority } from '../cluster/certificates.ts';

export interface Received {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: http.IncomingHttpHeaders;
  /** Parsed; undefined when there was none. */
  body: unknown;
  /** 1 for the first request on its connection. */
  turn: number;
}

export type Answer = (request: Received, response: http.ServerResponse) => void;

export interface ApiServer {
  /** In the order of arrival. */
  readonly received: readonly Received[];
  readonly sockets: readonly Socket[];
  readonly address: string;
  readonly kubeconfig: string;
  /** A connection of its own to this server; closed after the test. */
  open: (flags?: ConfigFlags, trace?: (line: string) => void) => Cluster;
}

/** Listens until the test ends. */
export async function serve(test: TestContext, answer: Answer, { tls = false } = {}): Promise<ApiServer> {
  const received: Received[] = [];
  const sockets: Socket[] = [];
  const turns = new WeakMap<Socket, number>();
  const handle = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const turn = (turns.get(request.socket) ?? 0) + 1;
    turns.set(request.socket, turn);
    const url = new URL(request.url ?? '', 'http://server');
    const text = await readText(request);
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const { method = '', headers } = request;
    const whole = { method, path: url.pathname, query: url.searchParams, headers, body, turn };
    received.push(whole);
    answer(whole, response);
  };
  const listener = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    handle(request, response).catch((error: unknown) => request.socket.destroy(error as Error));
  };
  const authority = tls ? createAuthority({ commonName: 'authority' }) : undefined;
  const identity = authority?.issueServer({ commonName: 'server' }, ['127.0.0.1']);
  const server: Server & { closeAllConnections: () => void } =
    identity === undefined
      ? http.createServer(listener)
      : https.createServer({ cert: identity.certificate, key: identity.key }, listener);
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => sockets.push(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const directory = await mkdtemp(join(tmpdir(), 'pvsnap-test-'));
  const address = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  const kubeconfig = join(directory, 'config');
  await writeFile(kubeconfig, kubeconfigFor(address, authority?.certificate));
  const opened: Cluster[] = [];
  test.after(async () => {
    for (const cluster of opened) cluster.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(directory, { recursive: true });
  });
  return {
    received,
    sockets,
    address,
    kubeconfig,
    open: (flags = {}, trace) => {
      const cluster = openCluster({ kubeconfig, ...flags }, trace);
      opened.push(cluster);
      return cluster;
    },
  };
}

/** What the server answers with: an object, a list, a Status. */
export function reply(response: http.ServerResponse, status: number, body: object, headers: object = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export function refuse(response: http.ServerResponse, code: number, reason: string, headers: object = {}): void {
  reply(response, code, { kind: 'Status', status: 'Failure', code, reason, message: `refused: ${reason}` }, headers);
}

/** The connection is lost: the client sees a reset, as when a load balancer forgets it. */
export function cut(response: http.ServerResponse): void {
  response.socket?.resetAndDestroy();
}

function kubeconfigFor(server: string, authority: string | undefined): string {
  const trust =
    authority === undefined
      ? { 'insecure-skip-tls-verify': true }
      : { 'certificate-authority-data': Buffer.from(authority).toString('base64') };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, ...trust } }],
    users: [{ name: 'test', user: { token: 'secret-token' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'kafka' } }],
  });
}
