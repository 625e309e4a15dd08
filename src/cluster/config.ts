/**
 * Which server, as whom, how, and in which namespace: the kubeconfig, and kubectl's global flags over it.
 *
 * Nothing of client-node is left here at run time. Its KubeConfig differs from client-go in lists of files, tokenFile,
 * impersonation, http servers, contexts without a user, exec plugins and proxies; its OpenID Connect sends no client
 * secret, and doesn't save the refresh token that the provider rotates, which locks the next kubectl out. To import its
 * config.js alone takes three times as long as all of src/cluster (measured: 0.4 to 0.5 s against 0.15 s).
 */
import { checkNamed, checkUsable } from './kubeconfig/check.ts';
import type { Effective } from './kubeconfig/effective.ts';
import { defaultServer, effective, given } from './kubeconfig/effective.ts';
import type { ConfigFlags } from './kubeconfig/flags.ts';
import { inCluster, inClusterNamespace, isInCluster } from './kubeconfig/in-cluster.ts';
import { loadKubeconfig } from './kubeconfig/load.ts';
import { parseServer } from './kubeconfig/server-url.ts';
import type { ClusterEntry, Kubeconfig, UserEntry } from './kubeconfig/shape.ts';
import { parseRequestTimeout } from './kubeconfig/timeout.ts';

export type { ConfigFlags } from './kubeconfig/flags.ts';

/** What a connection needs, decided once at the start. */
export interface Target {
  /** The server's address, without a slash at its end. */
  server: string;
  /** The server as messages name it. */
  host: string;
  namespace: string;
  cluster: ClusterEntry;
  /** Without credentials for a server that is asked without TLS. */
  user: UserEntry;
  /** Writes OpenID Connect's new tokens there. */
  userOrigin: { file: string; name: string } | undefined;
  /** --request-timeout: undefined when it wasn't given, 0 for no limit. */
  requestTimeoutMs: number | undefined;
  /** As the -v flag; 0 when not given. */
  verbosity: number | undefined;
}

/**
 * Reads the kubeconfig (--kubeconfig, KUBECONFIG, ~/.kube/config, then the pod's service account) and lays the flags over it.
 * @throws ClusterError with the words of kubectl's refusal
 */
export function loadTarget(flags: ConfigFlags): Target {
  const config = loadKubeconfig(flags.kubeconfig);
  const chosen = effective(config, flags);
  const namespace = namespaceOf(config, chosen, flags);
  checkNamed(chosen);
  checkUsable(config, chosen);
  const timeout = given(flags['request-timeout']);
  const requestTimeoutMs = timeout === undefined ? undefined : parseRequestTimeout(timeout);
  const { cluster, user } = entriesOf(chosen, flags, requestTimeoutMs);
  const { url, host, isTls } = parseServer(cluster.server ?? defaultServer());
  const file = config.userFiles.get(chosen.userName);
  return {
    server: url,
    host,
    namespace,
    cluster: isTls ? cluster : withoutTrust(cluster),
    user: isTls ? user : withoutCredentials(user),
    userOrigin: file === undefined ? undefined : { file, name: chosen.userName },
    requestTimeoutMs,
    verbosity: flags.v === undefined ? undefined : Number(flags.v),
  };
}

function namespaceOf(config: Kubeconfig, chosen: Effective, flags: ConfigFlags): string {
  const flag = given(flags.namespace);
  if (flag !== undefined) return flag;
  checkUsable(config, chosen);
  const own = chosen.context?.namespace ?? (isInCluster() ? inClusterNamespace() : undefined);
  return own ?? 'default';
}

/** Nothing was configured, and we are in a pod: its service account. client-go asks for exactly this. */
function entriesOf({ cluster = {}, user = {} }: Effective, flags: ConfigFlags, timeoutMs = 0) {
  const isDefault = Object.keys(cluster).length === 1 && cluster.server === defaultServer();
  const isPlain = isDefault && user.as === undefined && timeoutMs === 0;
  return isPlain && isInCluster() ? inCluster(flags) : { cluster, user };
}

function withoutTrust({ server, 'proxy-url': proxyUrl, 'disable-compression': isPlain }: ClusterEntry): ClusterEntry {
  return {
    ...(server !== undefined && { server }),
    ...(proxyUrl !== undefined && { 'proxy-url': proxyUrl }),
    ...(isPlain !== undefined && { 'disable-compression': isPlain }),
  };
}

/** kubectl shows no secret to a server that it asks without TLS. */
function withoutCredentials(user: UserEntry): UserEntry {
  const names = ['as', 'as-uid', 'as-groups', 'as-user-extra'] as const;
  return Object.fromEntries(names.flatMap((name) => (user[name] === undefined ? [] : [[name, user[name]]])));
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
