/** Kubeconfigs for tests, written short. */

interface Parts {
  cluster?: object;
  user?: object;
  context?: object;
}

/** One context, cluster and user, each named after what it is. */
export function kubeconfig({ cluster = {}, user = {}, context = {} }: Parts): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'the-context',
    clusters: [{ name: 'the-cluster', cluster }],
    users: [{ name: 'the-user', user }],
    contexts: [{ name: 'the-context', context: { cluster: 'the-cluster', user: 'the-user', ...context } }],
  };
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
