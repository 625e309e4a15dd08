/** In a pod, without a kubeconfig: the service account that Kubernetes mounts (client-go rest.InClusterConfig). */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterEntry, UserEntry } from './shape.ts';
import { given } from './effective.ts';
import type { ConfigFlags } from './flags.ts';

const mounted = '/var/run/secrets/kubernetes.io/serviceaccount';

export function isInCluster(folder = mounted): boolean {
  const { KUBERNETES_SERVICE_HOST = '', KUBERNETES_SERVICE_PORT = '' } = process.env;
  if (KUBERNETES_SERVICE_HOST === '' || KUBERNETES_SERVICE_PORT === '') return false;
  const token = statSync(join(folder, 'token'), { throwIfNoEntry: false });
  return token?.isDirectory() === false;
}

/** Of the flags, --server, --token and --certificate-authority count here, as in kubectl. */
export function inCluster(flags: ConfigFlags, folder = mounted): { cluster: ClusterEntry; user: UserEntry } {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = process.env;
  const address = host.includes(':') ? `[${host}]` : host;
  const authority = given(flags['certificate-authority']) ?? join(folder, 'ca.crt');
  const token = given(flags.token);
  return {
    cluster: {
      server: given(flags.server) ?? `https://${address}:${port}`,
      ...(existsSync(authority) && { 'certificate-authority': authority }),
    },
    user: token === undefined ? { tokenFile: join(folder, 'token') } : { token },
  };
}

/** undefined when neither POD_NAMESPACE nor the mounted file says it. */
export function inClusterNamespace(folder = mounted): string | undefined {
  const { POD_NAMESPACE = '' } = process.env;
  if (POD_NAMESPACE !== '') return POD_NAMESPACE;
  try {
    return given(readFileSync(join(folder, 'namespace'), 'utf8').trim());
  } catch {
    // Not mounted: client-go goes on with `default`.
    return undefined;
  }
}
