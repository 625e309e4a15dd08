/** A TLS server that writes down who asked it for what, and answers as an API server would, or as a test says. */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import type { Authority, Certificate } from '../../cluster/certificates.ts';
import { createAuthority } from '../../cluster/certificates.ts';

/** What of a request must be the same, whoever sends it. */
export interface Recorded {
  method: string;
  path: string;
  timeout: string | null;
  /** Common name of the client certificate. */
  certificate: string;
  serverName: string;
  authorization: string;
  encoding: string;
  /** `name: value`, sorted. */
  impersonation: string[];
}

export type Respond = (request: http.IncomingMessage, response: http.ServerResponse) => void;

export interface Recorder {
  readonly url: string;
  readonly port: number;
  readonly authority: Authority;
  /** Requests so far, in the order of arrival. */
  readonly recorded: Recorded[];
  /** Resets every connection. */
  cut(): void;
}

interface RecorderOptions {
  respond?: Respond;
  /** The names that its certificate speaks for. */
  names?: string[];
  certificate?: (authority: Authority) => Certificate;
  plain?: boolean;
}

export const authority = createAuthority({ commonName: 'test-authority' });

/** Listens on 127.0.0.1 until the test ends. */
export async function record(test: TestContext, options: RecorderOptions = {}): Promise<Recorder> {
  const { respond = answerList, names = ['127.0.0.1', 'localhost'], plain = false } = options;
  const own = options.certificate?.(authority) ?? authority.issueServer({ commonName: 'server' }, names);
  const recorded: Recorded[] = [];
  const sockets = new Set<Socket>();
  const handle: Respond = (request, response) => {
    recorded.push(recordOf(request));
    respond(request, response);
  };
  const tls = { cert: own.certificate, key: own.key, requestCert: true, rejectUnauthorized: false };
  const server = plain ? http.createServer(handle) : https.createServer(tls, handle);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  test.after(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  const cut = (): void => {
    sockets.forEach((socket) => socket.resetAndDestroy());
  };
  const { port } = server.address() as AddressInfo;
  return { url: `${plain ? 'http' : 'https'}://127.0.0.1:${port}`, port, authority, recorded, cut };
}

function recordOf({ method = '', url = '', headers, rawHeaders, socket }: http.IncomingMessage): Recorded {
  const { pathname, searchParams } = new URL(url, 'http://server');
  const pairs = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [`${name.toLowerCase()}: ${rawHeaders[index + 1] ?? ''}`] : [],
  );
  const secured = socket as Partial<TLSSocket>;
  const subject = secured.getPeerCertificate?.() as { subject?: { CN?: string } } | undefined;
  return {
    method,
    path: pathname,
    timeout: searchParams.get('timeout'),
    certificate: subject?.subject?.CN ?? '',
    serverName: typeof secured.servername === 'string' ? secured.servername : '',
    authorization: headers.authorization ?? '',
    encoding: headers['accept-encoding']?.toString() ?? '',
    impersonation: pairs.filter((pair) => pair.startsWith('impersonate-')).sort(),
  };
}

/** A table with one row. */
export function answerList(request: http.IncomingMessage, response: http.ServerResponse): void {
  const table = JSON.stringify({
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: '1' },
    columnDefinitions: [{ name: 'Name', type: 'string', format: 'name', description: '', priority: 0 }],
    rows: [
      {
        cells: ['a'],
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'a' } },
      },
    ],
  });
  response.setHeader('Content-Type', 'application/json');
  if (request.headers['accept-encoding']?.includes('gzip') !== true) response.end(table);
  else response.setHeader('Content-Encoding', 'gzip').end(gzipSync(table));
}
