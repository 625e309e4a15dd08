/** Which proxy stands between us and a server: the kubeconfig's, else what the environment says, by Go's rules. */
import type http from 'node:http';
import { BlockList, isIP } from 'node:net';
import { parseProxyUrl } from '../kubeconfig/proxy-url.ts';

/** @param proxyUrl of the cluster entry; the environment has no say when it is there */
export function proxyFor(server: URL, proxyUrl: string | undefined): URL | undefined {
  if (proxyUrl !== undefined) return parseProxyUrl(proxyUrl);
  const isTls = server.protocol === 'https:';
  const proxy = environmentProxy(isTls ? ['HTTPS_PROXY', 'https_proxy'] : ['HTTP_PROXY', 'http_proxy']);
  return proxy === undefined || isExcluded(server, firstOf(['NO_PROXY', 'no_proxy'])) ? undefined : proxy;
}

function firstOf(names: readonly string[]): string {
  return names.map((name) => process.env[name] ?? '').find((value) => value !== '') ?? '';
}

/** `host:port` without a scheme is an http proxy; what is no address at all is as if not set. */
function environmentProxy(names: readonly string[]): URL | undefined {
  const value = firstOf(names);
  if (value === '') return undefined;
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(value);
  return URL.parse(hasScheme ? value : `http://${value}`) ?? undefined;
}

/** Go's golang.org/x/net/http/httpproxy: this machine is never asked through a proxy. */
export function isExcluded(server: URL, noProxy: string): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || isLoopback(host)) return true;
  const port = server.port === '' ? (server.protocol === 'https:' ? '443' : '80') : server.port;
  return noProxy
    .split(',')
    .map((rule) => rule.trim().toLowerCase())
    .some((rule) => rule === '*' || (rule !== '' && matches(rule, host, port)));
}

function isLoopback(host: string): boolean {
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function matches(rule: string, host: string, port: string): boolean {
  const [, range = '', bits = ''] = /^([0-9a-f.:]+)\/(\d+)$/.exec(rule) ?? [];
  if (isIP(range) !== 0) return isWithin(host, range, Number(bits));
  const { name, rulePort } = dividePort(rule);
  if (rulePort !== '' && rulePort !== port) return false;
  if (isIP(name) !== 0 || isIP(host) !== 0) return isWithin(host, name, isIP(name) === 4 ? 32 : 128);
  const suffix = name.replace(/^\*\./, '.');
  return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}

function dividePort(rule: string): { name: string; rulePort: string } {
  const [, bracketed, plain, rulePort = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d*)$/.exec(rule) ?? [];
  return { name: bracketed ?? plain ?? rule, rulePort };
}

function isWithin(host: string, range: string, bits: number): boolean {
  const family = isIP(range) === 4 ? 'ipv4' : 'ipv6';
  if (isIP(range) === 0 || isIP(host) !== isIP(range) || bits > (family === 'ipv4' ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(range, bits, family);
  return list.check(host, family);
}

export function proxyAuthorization({ username, password }: URL): http.OutgoingHttpHeaders {
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
