/** Who the cluster's processes are to its API server, and the kubeconfig of each. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createAuthority,
  createKey,
  openAuthority,
  type Authority,
  type Certificate,
  type Subject,
} from './certificates.ts';

/** The rights of the first three come with Kubernetes, those of the service accounts from manifests/rights.yaml. */
const subjects = {
  admin: { commonName: 'kubernetes-admin', organizations: ['system:masters'] },
  'kube-controller-manager': { commonName: 'system:kube-controller-manager' },
  'kube-scheduler': { commonName: 'system:kube-scheduler' },
  'snapshot-controller': serviceAccount('snapshot-controller'),
  'csi-snapshotter': serviceAccount('csi-snapshotter'),
  'csi-provisioner': serviceAccount('csi-provisioner'),
  kwok: serviceAccount('kwok'),
} satisfies Record<string, Subject>;

type Identity = keyof typeof subjects;

export interface Identities {
  authority: Authority;
  admin: Certificate;
  /** Path of an identity's kubeconfig. */
  kubeconfig(identity: Identity): string;
}

/**
 * Writes `ca.crt`, `ca.key`, `apiserver.crt`, `apiserver.key`, `service-accounts.key` and `<identity>.kubeconfig`
 * into the folder.
 */
export async function writeIdentities(directory: string, serverUrl: string): Promise<Identities> {
  const authority = createAuthority(AUTHORITY);
  const server = authority.issueServer({ commonName: 'kube-apiserver' }, SERVER_NAMES);
  const admin = authority.issueClient(subjects.admin);
  const kubeconfig = (identity: Identity): string => join(directory, `${identity}.kubeconfig`);
  const files: [path: string, content: string][] = [
    [join(directory, 'ca.crt'), authority.certificate],
    [join(directory, 'ca.key'), authority.key],
    [join(directory, 'apiserver.crt'), server.certificate],
    [join(directory, 'apiserver.key'), server.key],
    [join(directory, 'service-accounts.key'), createKey()],
    ...(Object.keys(subjects) as Identity[]).map((identity): [string, string] => {
      const own = identity === 'admin' ? admin : authority.issueClient(subjects[identity]);
      return [kubeconfig(identity), kubeconfigFor(identity, own, authority, serverUrl)];
    }),
  ];
  await mkdir(directory, { recursive: true });
  await Promise.all(files.map(([path, content]) => writeFile(path, content, { mode: 0o600 })));
  return { authority, admin, kubeconfig };
}

/**
 * A certificate for one more who speaks to a running cluster.
 * @param directory where writeIdentities has written
 */
export async function issueIdentity(directory: string, subject: Subject): Promise<Certificate> {
  const read = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');
  const [certificate, key] = await Promise.all([read('ca.crt'), read('ca.key')]);
  return openAuthority(AUTHORITY, { certificate, key }).issueClient(subject);
}

const AUTHORITY: Subject = { commonName: 'pvsnap test cluster' };
const SERVER_NAMES = ['127.0.0.1', 'localhost', 'kubernetes.default.svc', '10.96.0.1'];

/** A client certificate can speak for a service account: only its user name and groups count. */
function serviceAccount(name: string): Subject {
  return {
    commonName: `system:serviceaccount:kube-system:${name}`,
    organizations: ['system:serviceaccounts', 'system:serviceaccounts:kube-system'],
  };
}

/** JSON is YAML too. */
function kubeconfigFor(user: string, own: Certificate, authority: Authority, server: string): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': base64(authority.certificate) } }],
    users: [
      {
        name: user,
        user: { 'client-certificate-data': base64(own.certificate), 'client-key-data': base64(own.key) },
      },
    ],
    contexts: [{ name: 'test', context: { cluster: 'test', user } }],
    'current-context': 'test',
  });
}
