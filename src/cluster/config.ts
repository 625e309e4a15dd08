/** Which cluster, user and namespace: the kubeconfig, and kubectl's global flags over it. */
import { homedir } from 'node:os';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { ClusterError, UsageError, reasonOf } from '../errors.ts';

/** kubectl's global flags, by their names there. Those not given are absent. */
export interface ConfigFlags {
  kubeconfig?: string;
  context?: string;
  cluster?: string;
  user?: string;
  namespace?: string;
  server?: string;
  token?: string;
  as?: string;
  'as-uid'?: string;
  'as-group'?: string[];
  'as-user-extra'?: string[];
  'certificate-authority'?: string;
  'client-certificate'?: string;
  'client-key'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
  'request-timeout'?: string;
}

/** What a connection needs, decided once at the start. */
export interface Target {
  config: KubeConfig;
  /** The server's address, without a slash at its end. */
  server: string;
  namespace: string;
  /** Sent with every request: impersonation. */
  headers: Record<string, string | string[]>;
  /** 0: no limit. */
  requestTimeoutMs: number;
}

/**
 * Reads the kubeconfig (flag, KUBECONFIG, ~/.kube/config, then the pod's service account) and lays the flags over it.
 * @throws UsageError when a flag names what the kubeconfig doesn't have
 */
export function loadTarget(flags: ConfigFlags): Target {
  const loaded = readKubeConfig(flags.kubeconfig);
  const config = withOverrides(loaded, flags);
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new ClusterError(
      'No cluster is configured: set a context (kubectl config use-context NAME) or pass --kubeconfig or --server.',
      0,
      '',
    );
  }
  return {
    config,
    server: cluster.server.replace(/\/+$/, ''),
    namespace: flags.namespace ?? config.getContextObject(config.currentContext)?.namespace ?? 'default',
    headers: impersonation(flags),
    requestTimeoutMs: parseTimeout(flags['request-timeout'] ?? '0'),
  };
}

function readKubeConfig(path: string | undefined): KubeConfig {
  const config = new KubeConfig();
  try {
    if (path !== undefined && path !== '') config.loadFromFile(expandHome(path));
    else config.loadFromDefault();
  } catch (error) {
    throw new ClusterError(`error loading the kubeconfig: ${reasonOf(error)}`, 0, '', { cause: error });
  }
  return config;
}

function withOverrides(config: KubeConfig, flags: ConfigFlags): KubeConfig {
  const contextName = flags.context ?? config.currentContext;
  const context = config.getContextObject(contextName);
  if (flags.context !== undefined && context === null) {
    throw new UsageError(
      `context "${flags.context}" does not exist in the kubeconfig; see: kubectl config get-contexts`,
    );
  }
  const clusterName = flags.cluster ?? context?.cluster ?? '';
  const userName = flags.user ?? context?.user ?? '';
  const cluster = config.getCluster(clusterName);
  if (flags.cluster !== undefined && cluster === null) {
    throw new UsageError(`cluster "${flags.cluster}" does not exist in the kubeconfig`);
  }
  const user = config.getUser(userName);
  if (flags.user !== undefined && user === null) {
    throw new UsageError(`user "${flags.user}" does not exist in the kubeconfig`);
  }
  const server = flags.server ?? cluster?.server;
  if (server === undefined) return config;

  const result = new KubeConfig();
  result.loadFromOptions({
    clusters: [{ ...cluster, name: 'cluster', server, ...clusterFlags(flags) }],
    users: [{ ...user, name: 'user', ...userFlags(flags) }],
    contexts: [{ name: 'context', cluster: 'cluster', user: 'user', namespace: context?.namespace }],
    currentContext: 'context',
  });
  return result;
}

function clusterFlags(flags: ConfigFlags): object {
  return {
    ...(flags['certificate-authority'] !== undefined && {
      caFile: flags['certificate-authority'],
      caData: undefined,
    }),
    ...(flags['insecure-skip-tls-verify'] === true && { skipTLSVerify: true, caFile: undefined, caData: undefined }),
    ...(flags['tls-server-name'] !== undefined && { tlsServerName: flags['tls-server-name'] }),
  };
}

function userFlags(flags: ConfigFlags): object {
  return {
    ...(flags.token !== undefined && { token: flags.token, exec: undefined, authProvider: undefined }),
    ...(flags['client-certificate'] !== undefined && { certFile: flags['client-certificate'], certData: undefined }),
    ...(flags['client-key'] !== undefined && { keyFile: flags['client-key'], keyData: undefined }),
  };
}

function impersonation(flags: ConfigFlags): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  if (flags.as !== undefined) headers['Impersonate-User'] = flags.as;
  if (flags['as-uid'] !== undefined) headers['Impersonate-Uid'] = flags['as-uid'];
  if (flags['as-group'] !== undefined) headers['Impersonate-Group'] = flags['as-group'];
  for (const extra of flags['as-user-extra'] ?? []) {
    const [key, ...value] = extra.split('=');
    if (key === undefined || value.length === 0) {
      throw new UsageError(`--as-user-extra "${extra}": expected KEY=VALUE`);
    }
    const header = `Impersonate-Extra-${encodeURIComponent(key)}`;
    headers[header] = [headers[header] ?? [], value.join('=')].flat();
  }
  return headers;
}

/** kubectl takes whole seconds or a Go duration; 0 is no limit. */
function parseTimeout(text: string): number {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const timeoutMs = parseDuration(text);
  if (timeoutMs === undefined) {
    throw new UsageError(`--request-timeout "${text}": expected seconds or a duration such as 30s or 2m`);
  }
  return timeoutMs;
}

/** A Go duration such as 1h30m, 90s or 250ms, in milliseconds; undefined when it isn't one. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * (unitMs[unit ?? ''] ?? 0);
  }
  return total;
}

function expandHome(path: string): string {
  return path.startsWith('~/') ? `${homedir()}${path.slice(1)}` : path;
}
