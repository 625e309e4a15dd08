/** The cluster, user and context that hold: the kubeconfig's with the flags laid over (client-go DirectClientConfig). */
import type { ConfigFlags } from './flags.ts';
import type { ClusterEntry, ContextEntry, Kubeconfig, UserEntry } from './shape.ts';

/** An entry that a flag asks for by a name that doesn't exist is undefined. */
export interface Effective {
  contextName: string;
  context: ContextEntry | undefined;
  clusterName: string;
  cluster: ClusterEntry | undefined;
  userName: string;
  user: UserEntry | undefined;
}

/** What kubectl asks when nothing is configured. */
export function defaultServer(): string {
  const { KUBERNETES_MASTER = '' } = process.env;
  return KUBERNETES_MASTER === '' ? 'http://localhost:8080' : KUBERNETES_MASTER;
}

export function effective(config: Kubeconfig, flags: ConfigFlags): Effective {
  const contextName = given(flags.context) ?? config.currentContext;
  const named = config.contexts.get(contextName);
  const context = named === undefined && given(flags.context) !== undefined ? undefined : (named ?? {});
  const clusterName = given(flags.cluster) ?? context?.cluster ?? '';
  const userName = given(flags.user) ?? context?.user ?? '';
  const cluster = config.clusters.get(clusterName);
  const user = config.users.get(userName);
  return {
    contextName,
    context,
    clusterName,
    cluster:
      cluster === undefined && given(flags.cluster) !== undefined ? undefined : clusterUnder(cluster ?? {}, flags),
    userName,
    user: user === undefined && given(flags.user) !== undefined ? undefined : userUnder(user ?? {}, flags),
  };
}

export function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function clusterUnder(cluster: ClusterEntry, flags: ConfigFlags): ClusterEntry {
  const result: ClusterEntry = { server: defaultServer(), ...cluster };
  const server = given(flags.server);
  const serverName = given(flags['tls-server-name']);
  const authority = given(flags['certificate-authority']);
  if (flags['disable-compression'] === true) result['disable-compression'] = true;
  // Either flag about trust replaces all that the kubeconfig says about it.
  if (flags['insecure-skip-tls-verify'] === true || authority !== undefined) {
    delete result['certificate-authority-data'];
    delete result['certificate-authority'];
    if (authority !== undefined) result['certificate-authority'] = authority;
    result['insecure-skip-tls-verify'] = flags['insecure-skip-tls-verify'] === true;
  }
  if (server !== undefined) {
    result.server = server;
    // Another server has another name in its certificate.
    delete result['tls-server-name'];
  }
  if (serverName !== undefined) result['tls-server-name'] = serverName;
  return result;
}

function userUnder(user: UserEntry, flags: ConfigFlags): UserEntry {
  let result: UserEntry = { ...user };
  for (const name of ['token', 'as', 'as-uid'] as const) {
    const value = given(flags[name]);
    if (value !== undefined) result[name] = value;
  }
  for (const name of ['client-certificate', 'client-key'] as const) {
    const path = given(flags[name]);
    if (path === undefined) continue;
    const { [`${name}-data` as const]: _, ...rest } = result;
    result = { ...rest, [name]: path };
  }
  const groups = flags['as-group'] ?? [];
  if (groups.length > 0) result['as-groups'] = groups;
  const extras = extrasOf(flags['as-user-extra'] ?? []);
  if (Object.keys(extras).length > 0) result['as-user-extra'] = { ...user['as-user-extra'], ...extras };
  return result;
}

/** `KEY=VALUE` several times. kubectl drops in silence what has no `=`. */
function extrasOf(texts: readonly string[]): Record<string, string[]> {
  const extras: Record<string, string[]> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at >= 0) (extras[text.slice(0, at)] ??= []).push(text.slice(at + 1));
  }
  return extras;
}
