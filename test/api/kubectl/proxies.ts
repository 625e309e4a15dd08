/** Proxies that lead every connection to one port of this machine, and write down what they were asked. */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TestContext } from 'node:test';
import { authority } from './recorder.ts';

export interface Proxy {
  /** Without a scheme. */
  host: string;
  /** Such as `CONNECT cluster.test:443 Basic ...`. */
  log: string[];
}

/** @param refusal a status to answer with instead of connecting */
export async function httpProxy(
  t: TestContext,
  port: number,
  { tls = false, refusal }: { tls?: boolean; refusal?: [number, string] } = {},
): Promise<Proxy> {
  const { certificate, key } = authority.issueServer({ commonName: 'proxy' }, ['localhost', '127.0.0.1']);
  const server = tls ? https.createServer({ cert: certificate, key }) : http.createServer();
  const log: string[] = [];
  const note = ({ method = '', url = '', headers }: http.IncomingMessage): void => {
    log.push([method, url.replace(/:\d+(?=$|\/)/, ''), headers['proxy-authorization'] ?? ''].join(' ').trim());
  };
  server.on('connect', (request: http.IncomingMessage, client: Duplex) => {
    note(request);
    if (refusal === undefined) {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      join(client, port);
    } else {
      client.end(`HTTP/1.1 ${refusal.join(' ')}\r\nContent-Length: 0\r\n\r\n`);
    }
  });
  server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
    note(request);
    const { pathname, search } = new URL(request.url ?? '');
    const onward = http.request({ port, path: pathname + search, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    onward.end();
  });
  return { host: await listen(t, server), log };
}

/** SOCKS 5 (RFC 1928), with a name and a password (RFC 1929) when they are offered. */
export async function socksProxy(t: TestContext, port: number): Promise<Proxy> {
  const log: string[] = [];
  const server = createServer((client) => {
    client.on('error', () => undefined);
    serveSocks(client, port, log).catch(() => client.destroy());
  });
  return { host: await listen(t, server), log };
}

async function serveSocks(client: Socket, port: number, log: string[]): Promise<void> {
  const [, count = 0] = await take(client, 2);
  const wantsPassword = (await take(client, count)).includes(2);
  client.write(Uint8Array.of(5, wantsPassword ? 2 : 0));
  const login = wantsPassword ? await readLogin(client) : '';
  const [, , , type] = await take(client, 4);
  const [length = 4] = type === 3 ? await take(client, 1) : [4];
  const address = await take(client, length);
  await take(client, 2);
  log.push(['SOCKS', type === 3 ? address.toString() : [...address].join('.'), login].join(' ').trim());
  client.write(Uint8Array.of(5, 0, 0, 1, 127, 0, 0, 1, 0, 0));
  join(client, port);
}

async function readLogin(client: Socket): Promise<string> {
  const [, nameLength = 0] = await take(client, 2);
  const name = await take(client, nameLength);
  const [secretLength = 0] = await take(client, 1);
  const secret = await take(client, secretLength);
  client.write(Uint8Array.of(1, 0));
  return `${name.toString()}:${secret.toString()}`;
}

async function take(client: Socket, count: number): Promise<Buffer> {
  for (;;) {
    const chunk = client.read(count) as Buffer | null;
    if (chunk !== null) return chunk;
    await once(client, 'readable');
  }
}

function join(client: Duplex, port: number): void {
  const onward = connect(port, '127.0.0.1');
  client.on('error', () => onward.destroy());
  onward.on('error', () => client.destroy());
  client.pipe(onward).pipe(client);
}

async function listen(t: TestContext, server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  return `localhost:${(server.address() as AddressInfo).port}`;
}
