/**
 * The fields of a kubeconfig's file and their types, with the names that kubectl's error messages give them.
 * What isn't listed here is ignored, as client-go does.
 */

export type Field = Scalar | { list: Struct | 'string' } | { map: 'string' | 'strings' } | Struct;
type Scalar = 'string' | 'bool' | 'bytes' | 'raw';

export interface Struct {
  /** The type's name in client-go. */
  goName: string;
  fields: Record<string, Field>;
}

const extension: Struct = { goName: 'NamedExtension', fields: { name: 'string', extension: 'raw' } };

const cluster: Struct = {
  goName: 'Cluster',
  fields: {
    server: 'string',
    'tls-server-name': 'string',
    'insecure-skip-tls-verify': 'bool',
    'certificate-authority': 'string',
    'certificate-authority-data': 'bytes',
    'proxy-url': 'string',
    'disable-compression': 'bool',
    extensions: { list: extension },
  },
};

const exec: Struct = {
  goName: 'ExecConfig',
  fields: {
    command: 'string',
    args: { list: 'string' },
    env: { list: { goName: 'ExecEnvVar', fields: { name: 'string', value: 'string' } } },
    apiVersion: 'string',
    installHint: 'string',
    provideClusterInfo: 'bool',
    interactiveMode: 'string',
  },
};

const user: Struct = {
  goName: 'AuthInfo',
  fields: {
    'client-certificate': 'string',
    'client-certificate-data': 'bytes',
    'client-key': 'string',
    'client-key-data': 'bytes',
    token: 'string',
    tokenFile: 'string',
    as: 'string',
    'as-uid': 'string',
    'as-groups': { list: 'string' },
    'as-user-extra': { map: 'strings' },
    username: 'string',
    password: 'string',
    'auth-provider': { goName: 'AuthProviderConfig', fields: { name: 'string', config: { map: 'string' } } },
    exec,
  },
};

const context: Struct = {
  goName: 'Context',
  fields: { cluster: 'string', user: 'string', namespace: 'string' },
};

export const kubeconfigStruct: Struct = {
  goName: 'Config',
  fields: {
    'current-context': 'string',
    clusters: { list: { goName: 'NamedCluster', fields: { name: 'string', cluster } } },
    users: { list: { goName: 'NamedAuthInfo', fields: { name: 'string', user } } },
    contexts: { list: { goName: 'NamedContext', fields: { name: 'string', context } } },
  },
};
