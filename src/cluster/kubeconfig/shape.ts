/** A kubeconfig, by the names that its file uses (client-go tools/clientcmd/api/v1). What isn't set is absent. */

export interface ClusterEntry {
  server?: string;
  'tls-server-name'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'certificate-authority'?: string;
  'certificate-authority-data'?: Buffer;
  'proxy-url'?: string;
  'disable-compression'?: boolean;
  extensions?: { name?: string; extension?: unknown }[];
}

export interface UserEntry {
  'client-certificate'?: string;
  'client-certificate-data'?: Buffer;
  'client-key'?: string;
  'client-key-data'?: Buffer;
  token?: string;
  tokenFile?: string;
  as?: string;
  'as-uid'?: string;
  'as-groups'?: string[];
  'as-user-extra'?: Record<string, string[]>;
  username?: string;
  password?: string;
  'auth-provider'?: ProviderEntry;
  exec?: ExecEntry;
}

export interface ContextEntry {
  cluster?: string;
  user?: string;
  namespace?: string;
}

export interface ProviderEntry {
  name?: string;
  config?: Record<string, string>;
}

export interface ExecEntry {
  command?: string;
  args?: string[];
  env?: { name?: string; value?: string }[];
  apiVersion?: string;
  installHint?: string;
  provideClusterInfo?: boolean;
  interactiveMode?: string;
}

export interface Kubeconfig {
  currentContext: string;
  clusters: Map<string, ClusterEntry>;
  users: Map<string, UserEntry>;
  contexts: Map<string, ContextEntry>;
  /** The file that each user stands in: rotated tokens are written back there. */
  userFiles: Map<string, string>;
}

export function emptyKubeconfig(): Kubeconfig {
  return { currentContext: '', clusters: new Map(), users: new Map(), contexts: new Map(), userFiles: new Map() };
}
