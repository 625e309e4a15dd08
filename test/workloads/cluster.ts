/** A cluster that answers from hand-made objects, notes every call, and fails on one that nobody expected. */
import type { Cluster, Scope } from '../../src/cluster/cluster.ts';
import type { KubeObject } from '../../src/cluster/objects.ts';
import type { Resource } from '../../src/cluster/resources.ts';

export interface FakeCluster {
  cluster: Cluster;
  /** Such as `list pods`, `find statefulsets/es-kafka`, in the order of the calls. */
  calls: string[];
}

export function clusterWith(objects: readonly KubeObject[], scales: Record<string, number> = {}): FakeCluster {
  const calls: string[] = [];
  const unexpected = (): never => {
    throw new Error('a call that nobody expected');
  };
  const ofKind = <T extends KubeObject>(resource: Resource<T>): T[] =>
    objects.filter(({ kind }) => kind === resource.kind) as T[];
  const cluster: Cluster = {
    namespace: 'kafka',
    get: unexpected,
    create: unexpected,
    delete: unexpected,
    close: unexpected,
    find: (resource, name) => {
      calls.push(`find ${resource.plural}/${name}`);
      return Promise.resolve(ofKind(resource).find(({ metadata }) => metadata.name === name));
    },
    list: (resource, scope) => {
      calls.push(`list ${resource.plural}${selectorOf(scope)}`);
      return Promise.resolve(ofKind(resource).filter((object) => isSelected(object, scope)));
    },
    patch: (resource, { name }, patch, options) => {
      calls.push(`patch ${resource.plural}/${name} ${JSON.stringify({ patch, ...options })}`);
      return Promise.resolve(ofKind(resource).find(({ metadata }) => metadata.name === name) as never);
    },
    send: unexpected,
    ask: ({ method, path }) => {
      calls.push(`${method} ${path}`);
      const replicas = scales[path];
      return Promise.resolve({ spec: replicas === 0 ? {} : { replicas } });
    },
  };
  return { cluster, calls };
}

function selectorOf(scope: Scope | undefined): string {
  return scope?.labelSelector === undefined ? '' : ` -l ${scope.labelSelector}`;
}

/** Selectors of the form key=value only. */
function isSelected({ metadata }: KubeObject, scope: Scope | undefined): boolean {
  const [key = '', value] = scope?.labelSelector?.split('=') ?? [];
  return value === undefined || metadata.labels?.[key] === value;
}
