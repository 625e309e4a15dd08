/** A cluster that serves some kinds, with discovery and rights; it notes every call and fails on one nobody expected. */
import { ClusterError } from '../../src/errors.ts';
import type { Cluster } from '../../src/cluster/cluster.ts';
import type { KubeObject } from '../../src/cluster/objects.ts';
import type { Resource } from '../../src/cluster/resources.ts';
import type { FakeCluster } from './cluster.ts';

interface Served {
  /** Such as `argoproj.io/v1alpha1 Application applications`; all are namespaced. */
  kinds: readonly string[];
  objects?: readonly KubeObject[];
  /** Such as `list applications` or `patch applications argocd`; a verb and a plural alone mean every namespace. */
  forbidden?: readonly string[];
}

interface Review {
  spec: { resourceAttributes: { verb: string; resource: string; namespace?: string } };
}

export function servedCluster({ kinds, objects = [], forbidden = [] }: Served): FakeCluster {
  const calls: string[] = [];
  const unexpected = (): never => {
    throw new Error('a call that nobody expected');
  };
  const isForbidden = (verb: string, plural: string, namespace = ''): boolean =>
    forbidden.includes(`${verb} ${plural}`) || forbidden.includes(`${verb} ${plural} ${namespace}`);
  const called = (verb: string, plural: string, namespace: string | undefined, name = ''): void => {
    calls.push([verb, plural, namespace ?? '*', name].join(' ').trimEnd());
    if (isForbidden(verb, plural, namespace)) throw new ClusterError('forbidden', 403, 'Forbidden');
  };
  const ofKind = <T extends KubeObject>({ kind, group }: Resource<T>, namespace: string | undefined): T[] =>
    objects.filter(
      (one) =>
        one.kind === kind &&
        one.apiVersion.startsWith(`${group}/`) &&
        (namespace === undefined || one.metadata.namespace === namespace),
    ) as T[];
  const cluster: Cluster = {
    namespace: 'shop',
    get: unexpected,
    create: unexpected,
    delete: unexpected,
    close: unexpected,
    patch: unexpected,
    send: unexpected,
    // eslint-disable-next-line @typescript-eslint/require-await -- a refusal is a rejection, as of a real cluster
    find: async (resource, name, namespace) => {
      called('get', resource.plural, namespace, name);
      return ofKind(resource, namespace).find(({ metadata }) => metadata.name === name);
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- as above
    list: async (resource, scope) => {
      called('list', resource.plural, scope?.namespace);
      return ofKind(resource, scope?.namespace);
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- as above
    ask: async ({ method, path, body }) => {
      if (method === 'POST') {
        const { verb, resource, namespace } = (body as Review).spec.resourceAttributes;
        calls.push(`may ${verb} ${resource} ${namespace ?? '*'}`);
        return { status: { allowed: !isForbidden(verb, resource, namespace) } };
      }
      const [, apiVersion = ''] = path.split('/apis/');
      calls.push(`kinds ${apiVersion}`);
      const own = kinds.map((line) => line.split(' ')).filter(([served]) => served === apiVersion);
      if (own.length === 0) throw new ClusterError('not found', 404, 'NotFound');
      return { resources: own.map(([, kind, name]) => ({ kind, name, namespaced: true })) };
    },
  };
  return { cluster, calls };
}
