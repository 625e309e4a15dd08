/**
 * OpenID Connect (client-go plugin/pkg/client/auth/oidc): the id-token, and a new one for the refresh token when it has
 * expired. Providers may give a refresh token only once, so new ones are written to the kubeconfig, where kubectl looks.
 */
import { ClusterError } from '../../errors.ts';
import type { Credentials, CredentialSource } from './credentials.ts';
import type { Origin } from './oidc-save.ts';
import { isExpired } from './id-token.ts';

/** @throws ClusterError when the entry lacks what every provider needs */
export function oidcSource(
  config: Record<string, string>,
  origin: Origin | undefined,
  now: () => number = Date.now,
): CredentialSource {
  for (const key of ['idp-issuer-url', 'client-id']) {
    if ((config[key] ?? '') === '') throw new ClusterError(`error: Must provide ${key}`, 0, '');
  }
  let held = config;
  let refreshing: Promise<string> | undefined;
  return {
    current: async (): Promise<Credentials> => {
      const idToken = held['id-token'] ?? '';
      if (idToken !== '' && !isExpired(idToken, now())) return bearer(idToken);
      refreshing ??= renew(held, origin, (changed) => (held = changed)).finally(() => (refreshing = undefined));
      return bearer(await refreshing);
    },
  };
}

function bearer(token: string): Credentials {
  return { authorization: `Bearer ${token}` };
}

async function renew(
  config: Record<string, string>,
  origin: Origin | undefined,
  keep: (changed: Record<string, string>) => void,
): Promise<string> {
  if ((config['refresh-token'] ?? '') === '') {
    throw new Error('No valid id-token, and cannot refresh without refresh-token');
  }
  const [{ refresh }, { saveTokens }] = await Promise.all([import('./oidc-refresh.ts'), import('./oidc-save.ts')]);
  const tokens = await refresh(config);
  if (origin !== undefined) await saveTokens(origin, tokens);
  keep({ ...config, ...tokens });
  return tokens['id-token'];
}
