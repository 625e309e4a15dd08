/** kubectl's global flags that choose and change what the kubeconfig says (k8s.io/cli-runtime ConfigFlags). */

/** By their names on the command line. Those not given are absent; an empty text counts as not given, as in kubectl. */
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
  'disable-compression'?: boolean;
  /** The level of the trace. */
  v?: number | string;
}
