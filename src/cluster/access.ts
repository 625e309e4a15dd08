/** Asks the API server what the user may do, before anything is begun. */
import type { Finding } from '../errors.ts';
import { ClusterError } from '../errors.ts';
import type { Cluster } from './cluster.ts';
import type { Resource } from './resources.ts';
import { qualifiedName } from './resources.ts';

export interface Right {
  verb: 'get' | 'list' | 'watch' | 'create' | 'patch' | 'update' | 'delete';
  resource: Resource;
  subresource?: string;
  /** Absent for resources without one. */
  namespace?: string;
}

/** One SelfSubjectAccessReview per right, all at once. @returns a finding for each that is missing */
export async function missingRights(cluster: Cluster, rights: readonly Right[]): Promise<Finding[]> {
  const allowed = await Promise.all(rights.map((right) => isAllowed(cluster, right)));
  return rights.filter((_, index) => allowed[index] === false).map(findingOf);
}

/** @returns undefined where the user has no right to what is read. @throws what else goes wrong */
export async function ifAllowed<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ClusterError && error.status === 403) return undefined;
    throw error;
  }
}

async function isAllowed(cluster: Cluster, right: Right): Promise<boolean> {
  const { group, version, plural } = right.resource;
  const resourceAttributes = {
    verb: right.verb,
    group,
    version,
    resource: plural,
    subresource: right.subresource,
    namespace: right.namespace,
  };
  const review = (await cluster.ask({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    repeatable: true,
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    },
  })) as { status?: { allowed?: boolean } };
  return review.status?.allowed === true;
}

function findingOf({ verb, resource, subresource, namespace }: Right): Finding {
  const what = qualifiedName(resource) + (subresource === undefined ? '' : `/${subresource}`);
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  return { about: 'you', problem: `may not ${verb} ${what}${where}`, remedy: 'ask for the role in docs/rbac.md' };
}
