/** The object store that Velero keeps backups in, read through the addresses that Velero signs: no credential is ours. */
import type http from 'node:http';
import type { Readable } from 'node:stream';
import { openPool } from '../cluster/transport/agent.ts';
import { proxyAuthorization, proxyFor } from '../cluster/transport/proxy.ts';
import { requestTo } from '../cluster/transport/request.ts';
import { systemAuthorities } from '../cluster/transport/system-authorities.ts';
import { readWhole } from './read-whole.ts';
import type { StorageLocation } from './resources.ts';

/** How the store is reached from here. */
export interface StoreAccess {
  /** HOST:PORT to connect to instead of the signed address, such as that of a port-forward. */
  address: string | undefined;
  /** PEM, of a store whose certificate no public authority has signed: the BackupStorageLocation's caCert. */
  authority: string | undefined;
}

/** PEM. The API has it as base64, as it has all bytes. */
export function authorityOf({ spec }: StorageLocation): string | undefined {
  const encoded = spec?.objectStorage?.caCert;
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString();
}

/** The store answered, and not with the file. */
export class StoreRefusal extends Error {
  override readonly name = 'StoreRefusal';
  /** HTTP status. */
  readonly status: number;
  /** S3's own code, such as NoSuchKey, AccessDenied or RequestTimeTooSkewed; empty where it gave none. */
  readonly code: string;

  constructor(status: number, code: string) {
    super(`the store answers ${status}${code === '' ? '' : ` ${code}`}`);
    this.status = status;
    this.code = code;
  }
}

/** Time for one connection, and for silence on it. */
const silenceMs = 30_000;
/** Of what a store says instead of the file: a few lines of XML. */
const mostOfRefusalBytes = 2 ** 20;

/**
 * The bytes at a signed address, as they come.
 * @throws StoreRefusal; Error of Node's when no answer comes
 */
export async function openFile(signed: string, access: StoreAccess, signal?: AbortSignal): Promise<Readable> {
  const url = new URL(signed);
  const response = await request(url, access, signal);
  if (response.statusCode === 200) return response;
  throw new StoreRefusal(response.statusCode ?? 0, codeIn(String(await readWhole(response, mostOfRefusalBytes))));
}

async function request(url: URL, access: StoreAccess, signal?: AbortSignal): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  // A signature is over the Host header too: whoever answers at another address must be told the signed one.
  const target = access.address === undefined ? url : new URL(`${url.protocol}//${access.address}${url.pathname}`);
  const proxy = proxyFor(target, undefined);
  const isPlainProxied = proxy !== undefined && proxy.protocol !== 'socks5:' && url.protocol === 'http:';
  const trust = { servername: url.hostname, ca: authorities(access), rejectUnauthorized: true };
  const pool = await openPool(target, proxy, url.protocol === 'https:' ? trust : {}, { timeout: silenceMs });
  const outgoing = requestTo(isPlainProxied ? proxy : target, {
    ...pool.options,
    agent: pool.agent,
    method: 'GET',
    path: isPlainProxied ? target.origin + url.pathname + url.search : url.pathname + url.search,
    headers: { Host: url.host, 'User-Agent': 'kubectl-pvsnap', ...(isPlainProxied && proxyAuthorization(proxy)) },
    timeout: silenceMs,
    ...(signal !== undefined && { signal }),
  });
  outgoing.once('timeout', () => outgoing.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
  outgoing.once('response', resolve);
  outgoing.once('error', reject);
  outgoing.end();
  return promise;
}

function authorities({ authority }: StoreAccess): string[] {
  return [...systemAuthorities(), ...(authority === undefined ? [] : [authority])];
}

/** S3 refuses in XML: of it the code alone is a word that one can look up. */
function codeIn(xml: string): string {
  return /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(xml)?.[1] ?? '';
}
