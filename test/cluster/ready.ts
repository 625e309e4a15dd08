import { connect, type Api } from './api.ts';
import type { ClusterFacts } from './facts.ts';
import { retry } from './retry.ts';
import { restartComponent } from './supervise.ts';

const RESTART_TIMEOUT_MS = 60_000;

/**
 * The API server refuses connections, then answers 500 while it prepares: only asking can tell when it is ready.
 * @throws the signal's reason when it aborts
 */
export async function untilReady(api: Api, signal: AbortSignal): Promise<void> {
  const ask = async (): Promise<void> => {
    await api.checkReady();
    // One object by name is read from etcd itself; the answer to /readyz may be older than etcd's end.
    await api.get('Namespace', 'kube-system');
  };
  await retry(ask, () => true, signal);
}

/**
 * Kills a component as a crash would, starts it again on the same port and data, and waits until the API server is ready.
 * Every user of the cluster feels it: for tests that have a cluster of their own.
 */
export async function restart(cluster: ClusterFacts, component: 'etcd' | 'kube-apiserver'): Promise<void> {
  await restartComponent(cluster.directory, component);
  const api = connect(cluster.credentials);
  try {
    await untilReady(api, AbortSignal.timeout(RESTART_TIMEOUT_MS));
  } finally {
    api.close();
  }
}
