/** Who an operator is to the API server. */
import { join } from 'node:path';
import { connect, type Api } from '../api.ts';
import type { Certificate } from '../certificates.ts';
import type { ClusterFacts } from '../facts.ts';
import { issueIdentity } from '../identities.ts';

/** An operator's service account, with every right: what it may do is not what these tests are about. */
export async function operatorIdentity(
  { directory }: ClusterFacts,
  namespace: string,
  name: string,
): Promise<Certificate> {
  const commonName = `system:serviceaccount:${namespace}:${name}`;
  return issueIdentity(join(directory, 'identities'), { commonName, organizations: ['system:masters'] });
}

/** @param manager by what name managedFields know what it writes */
export async function connectAs(cluster: ClusterFacts, namespace: string, name: string, manager: string): Promise<Api> {
  return connect({ ...cluster.credentials, ...(await operatorIdentity(cluster, namespace, name)) }, manager);
}
