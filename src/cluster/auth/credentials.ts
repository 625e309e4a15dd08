/** Who we are to the server: one source of credentials, chosen as client-go chooses among what a user entry holds. */
import type { Target } from '../config.ts';
import { certificateSource } from './certificate.ts';
import { execSource } from './exec.ts';
import { providerSource } from './provider.ts';
import { tokenSource } from './token.ts';

/** What a request carries. A certificate goes with its key, both PEM. */
export interface Credentials {
  authorization?: string;
  certificate?: { cert: string | Buffer; key: string | Buffer };
}

export interface CredentialSource {
  /** @throws Error that says why there are none now */
  current: () => Promise<Credentials>;
  /**
   * The server has answered 401 to these.
   * @returns whether there are others now
   */
  renew?: (refused: Credentials) => Promise<boolean>;
}

/**
 * A token or a password goes before an exec plugin or a provider; a certificate is shown beside all but a plugin, which
 * it replaces.
 * @throws ClusterError when the entry can't be used
 */
export function credentialSource(target: Target): CredentialSource {
  const { user } = target;
  const certificate = certificateSource(user);
  const header = user.token !== undefined || user.tokenFile !== undefined ? tokenSource(user) : basicSource(target);
  if (header === undefined && certificate === undefined && user.exec !== undefined)
    return execSource(target, user.exec);
  // client-go makes the plugin's or provider's part also when it isn't used, and refuses what it can't make.
  if (user.exec !== undefined) execSource(target, user.exec);
  const provider = user['auth-provider'] === undefined ? undefined : providerSource(target, user['auth-provider']);
  return both(header ?? provider, certificate);
}

function basicSource({ user: { username = '', password = '' } }: Target): CredentialSource | undefined {
  if (username === '') return undefined;
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return { current: () => Promise.resolve({ authorization }) };
}

function both(header: CredentialSource | undefined, certificate: CredentialSource | undefined): CredentialSource {
  return {
    current: async () => ({ ...(await certificate?.current()), ...(await header?.current()) }),
    ...(header?.renew !== undefined && { renew: header.renew }),
  };
}
