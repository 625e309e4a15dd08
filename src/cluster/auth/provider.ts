/** The providers that kubectl once had built in: OpenID Connect is still there, the clouds' have become exec plugins. */
import { ClusterError } from '../../errors.ts';
import type { Target } from '../config.ts';
import type { ProviderEntry } from '../kubeconfig/shape.ts';
import type { CredentialSource } from './credentials.ts';
import { oidcSource } from './oidc.ts';

const removed: Record<string, string> = {
  gcp: `The gcp auth plugin has been removed.
Please use the "gke-gcloud-auth-plugin" kubectl/client-go credential plugin instead.
See https://cloud.google.com/blog/products/containers-kubernetes/kubectl-auth-changes-in-gke for further details`,
  azure: `The azure auth plugin has been removed.
Please use the https://github.com/Azure/kubelogin kubectl/client-go credential plugin instead.
See https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins for further details`,
};

/** @throws ClusterError with kubectl's words for a provider that isn't there */
export function providerSource(target: Target, { name = '', config = {} }: ProviderEntry): CredentialSource {
  if (name === 'oidc') return oidcSource(config, target.userOrigin);
  throw new ClusterError(`error: ${removed[name] ?? `no Auth Provider found for name "${name}"`}`, 0, '');
}
