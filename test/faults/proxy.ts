/** An HTTPS server between the program and the API server that counts the calls, and harms some of them. */
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Credentials } from '../cluster/api.ts';
import { createAuthority } from '../cluster/certificates.ts';
import type { ClusterFacts } from '../cluster/facts.ts';
import type { Call, Names } from './call.ts';
import { callNamer } from './call.ts';
import type { FaultName } from './faults.ts';
import { faultOf } from './faults.ts';

export interface Harm {
  /** The name of the call, or `#n` for the n-th. */
  call: string;
  fault: FaultName;
}

export interface Proxy {
  /** For the program, whose credentials the proxy has no use for: it speaks to the server as an administrator. */
  kubeconfig: string;
  /** So far, in the order of arrival. */
  readonly calls: readonly Call[];
  /** Those that have come to pass. */
  readonly struck: readonly Harm[];
  /** Once the server has answered what was sent on to it: a program that dies takes none of that back. */
  close(): Promise<void>;
}

/** As long as it takes an API server to come back that is up again at once. */
const refusalMs = 300;

const authority = createAuthority({ commonName: 'authority of the proxy' });
const identity = authority.issueServer({ commonName: 'proxy' }, ['127.0.0.1']);

/**
 * @param kill ends the program
 * @param onCall the call is held until it is done
 */
export async function openProxy(
  cluster: ClusterFacts,
  names: Names,
  harms: readonly Harm[],
  kill: () => void,
  onCall: (call: Call) => Promise<void> = () => Promise.resolve(),
): Promise<Proxy> {
  const calls: Call[] = [];
  const struck: Harm[] = [];
  const nameCall = callNamer(names);
  const upstream = upstreamOf(cluster.credentials);
  const unanswered = new Set<Promise<unknown>>();
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '' } = request;
    const body = await text(request);
    const call = nameCall({ method, url, body });
    calls.push(call);
    await onCall(call);
    const act = (): Promise<IncomingMessage> => {
      const answer = upstream.send(request, body);
      unanswered.add(answer);
      void answer.catch(() => undefined).finally(() => unanswered.delete(answer));
      return answer;
    };
    const harm = harms.find(({ call: key }) => key === call.key || key === `#${call.index}`);
    if (harm === undefined) {
      await passOn(act, response);
      return;
    }
    struck.push(harm);
    await faultOf(harm.fault).strike({ isWatch: call.isWatch, response, act, kill, refuse });
  };
  const server = https.createServer({ cert: identity.certificate, key: identity.key }, (request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  let isClosed = false;
  const refuse = (): void => {
    server.close();
    server.closeAllConnections();
    setTimeout(() => {
      if (!isClosed) void listen(port);
    }, refusalMs);
  };
  return {
    kubeconfig: await writeKubeconfig(cluster.directory, port),
    calls,
    struck,
    close: async () => {
      isClosed = true;
      server.close();
      server.closeAllConnections();
      await Promise.allSettled(unanswered);
      upstream.close();
    },
  };
}

interface Upstream {
  send: (request: IncomingMessage, body: string) => Promise<IncomingMessage>;
  close: () => void;
}

function upstreamOf({ url, authority: ca, certificate: cert, key }: Credentials): Upstream {
  const agent = new https.Agent({ keepAlive: true, ca, cert, key });
  return {
    send: async ({ method, url: path = '', headers: { host: _, ...headers } }, body) => {
      const outgoing = https.request(`${url}${path}`, { agent, method, headers });
      outgoing.end(body);
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
      return answer;
    },
    close: () => {
      agent.destroy();
    },
  };
}

async function passOn(act: () => Promise<IncomingMessage>, response: ServerResponse): Promise<void> {
  const answer = await act();
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  // A watch that has nothing to tell yet has begun all the same.
  response.flushHeaders();
  response.once('close', () => answer.destroy());
  answer.once('error', () => response.destroy());
  answer.pipe(response);
}

/** JSON is YAML too. */
async function writeKubeconfig(directory: string, port: number): Promise<string> {
  const path = join(await mkdtemp(join(directory, 'proxy-')), 'kubeconfig');
  const data = Buffer.from(authority.certificate).toString('base64');
  const server = `https://127.0.0.1:${port}`;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'proxy', cluster: { server, 'certificate-authority-data': data } }],
    users: [{ name: 'anyone', user: { token: 'anything' } }],
    contexts: [{ name: 'proxy', context: { cluster: 'proxy', user: 'anyone' } }],
    'current-context': 'proxy',
  };
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}
