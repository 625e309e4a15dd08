/** Pools of kept-alive connections: straight to the server, or through a proxy. */
import http from 'node:http';
import https from 'node:https';
import { devNull } from 'node:os';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions, SecureContext, SecureContextOptions } from 'node:tls';
import tls from 'node:tls';

export interface Pool {
  agent: http.Agent;
  /** What every request over it must carry to trust the right server. */
  options: ConnectionOptions;
}

/**
 * The libraries for proxies are loaded only when there is one: they take longer than all else that a `get` does.
 * @param trust how the server is checked, and a proxy too that is asked by TLS: client-go takes the same authority for it
 */
export async function openPool(
  server: URL,
  proxy: URL | undefined,
  trust: ConnectionOptions,
  options: http.AgentOptions,
): Promise<Pool> {
  const isTls = server.protocol === 'https:';
  if (proxy?.protocol === 'socks5:') {
    const { SocksProxyAgent } = await import('socks-proxy-agent');
    // The proxy looks the server's name up, as with kubectl; this library calls that socks5h.
    return { agent: new SocksProxyAgent(proxy.href.replace(/^socks5:/, 'socks5h:'), options), options: trust };
  }
  if (proxy !== undefined && isTls) {
    const { HttpsProxyAgent } = await import('https-proxy-agent');
    const { servername: _, ...withoutName } = trust;
    return { agent: new HttpsProxyAgent(proxy, { ...options, ...withoutName }), options: trust };
  }
  // An HTTP proxy is asked for a plain server's addresses itself.
  const isSecured = isTls || proxy?.protocol === 'https:';
  return { agent: isSecured ? new TlsPool(options, trust) : new http.Agent(options), options: {} };
}

type Opened = (error: Error | null, stream: Duplex) => void;

/**
 * Keeps what it trusts to itself: Node would make it part of the name of every connection, and read the authorities
 * again for each. A client certificate stays in the name, so that a new one gets new connections.
 */
class TlsPool extends https.Agent {
  readonly #trust: ConnectionOptions;
  #held: { cert: unknown; context: SecureContext } | undefined;

  constructor(options: http.AgentOptions, trust: ConnectionOptions) {
    super(options);
    this.#trust = trust;
  }

  override createConnection(options: https.RequestOptions, opened?: Opened): Duplex | null | undefined {
    const secured = { ...options, ...this.#trust, secureContext: this.#contextFor(options) };
    return super.createConnection(secured, opened);
  }

  #contextFor({ cert, key }: https.RequestOptions): SecureContext {
    if (this.#held?.cert !== cert || this.#held === undefined) {
      const { ca, allowPartialTrustChain } = this.#trust;
      this.#held = { cert, context: contextOf({ ca, allowPartialTrustChain, cert, key }) };
    }
    return this.#held.context;
  }
}

/**
 * OpenSSL, which the packaged program has instead of Node's own authorities (scripts/build/package.ts), reads all those
 * that this variable names as soon as one other is added, into a store that no connection of ours asks.
 */
function contextOf(options: SecureContextOptions): SecureContext {
  const { SSL_CERT_FILE: named } = process.env;
  if (named === undefined) return tls.createSecureContext(options);
  process.env.SSL_CERT_FILE = devNull;
  try {
    return tls.createSecureContext(options);
  } finally {
    process.env.SSL_CERT_FILE = named;
  }
}
