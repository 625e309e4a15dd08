/** A cluster that keeps objects in memory, of whatever kind it is asked for: what is written can be read again. */
import { ClusterError } from '../../src/errors.ts';
import type { Cluster, Scope } from '../../src/cluster/cluster.ts';
import type { KubeObject } from '../../src/cluster/objects.ts';
import type { Resource } from '../../src/cluster/resources.ts';

export interface StoredCluster {
  cluster: Cluster;
  /** As it is now. */
  object: (kind: string, name: string, namespace?: string) => KubeObject | undefined;
  /** Such as `patch deployments/op`, in the order of the calls. */
  writes: string[];
}

interface Stored {
  objects: readonly KubeObject[];
  /** Such as `get kafkas`. */
  forbidden?: readonly string[];
}

export function storedCluster({ objects, forbidden = [] }: Stored): StoredCluster {
  const all = objects.map((object) => structuredClone(object));
  const writes: string[] = [];
  let version = 1;
  for (const { metadata } of all) metadata.resourceVersion = '1';
  const check = (verb: string, plural: string): void => {
    if (forbidden.includes(`${verb} ${plural}`)) throw new ClusterError('forbidden', 403, 'Forbidden');
  };
  const object: StoredCluster['object'] = (kind, name, namespace) =>
    all.find(
      ({ kind: of, metadata }) =>
        of === kind && metadata.name === name && (namespace === undefined || metadata.namespace === namespace),
    );
  const existing = ({ kind }: Resource, name: string, namespace: string | undefined): KubeObject => {
    const found = object(kind, name, namespace);
    if (found === undefined) throw new ClusterError(`${kind} ${name} not found`, 404, 'NotFound');
    return found;
  };
  const inScope =
    (resource: Resource, scope: Scope) =>
    ({ kind, apiVersion, metadata }: KubeObject): boolean =>
      kind === resource.kind &&
      apiVersion === [resource.group, resource.version].filter((part) => part !== '').join('/') &&
      (scope.namespace === undefined || metadata.namespace === scope.namespace);
  const cluster: Cluster = {
    namespace: 'shop',
    send: () => Promise.reject(new Error('a call that nobody expected')),
    close: () => undefined,
    get: <T extends KubeObject>(resource: Resource<T>, name: string, namespace?: string) =>
      attempt(() => {
        check('get', resource.plural);
        return structuredClone(existing(resource, name, namespace)) as T;
      }),
    find: <T extends KubeObject>(resource: Resource<T>, name: string, namespace?: string) =>
      attempt(() => {
        check('get', resource.plural);
        return structuredClone(object(resource.kind, name, namespace)) as T | undefined;
      }),
    list: <T extends KubeObject>(resource: Resource<T>, scope: Scope = {}) =>
      attempt(() => {
        check('list', resource.plural);
        return structuredClone(all.filter(inScope(resource, scope))) as T[];
      }),
    create: <T extends KubeObject>(resource: Resource<T>, made: T) =>
      attempt(() => {
        writes.push(`create ${resource.plural}/${made.metadata.namespace ?? ''}/${made.metadata.name}`);
        all.push(structuredClone(made));
        return made;
      }),
    patch: <T extends KubeObject>(
      resource: Resource<T>,
      { name, namespace }: { name: string; namespace?: string | undefined },
      patch: object,
    ) =>
      attempt(() => {
        writes.push(`patch ${resource.plural}/${name}`);
        const found = existing(resource, name, namespace);
        const wanted = (patch as Partial<KubeObject>).metadata?.resourceVersion;
        if (wanted !== undefined && wanted !== found.metadata.resourceVersion)
          throw new ClusterError('changed', 409, 'Conflict');
        merge(found as unknown as Record<string, unknown>, patch as Record<string, unknown>);
        found.metadata.resourceVersion = String(++version);
        return structuredClone(found) as T;
      }),
    delete: (resource, { name, namespace }, { uid }) =>
      attempt(() => {
        writes.push(`delete ${resource.plural}/${name}`);
        const found = existing(resource, name, namespace);
        if (uid !== undefined && uid !== found.metadata.uid) throw new ClusterError('another', 409, 'Conflict');
        all.splice(all.indexOf(found), 1);
      }),
    ask: ({ method, path }) =>
      attempt(() => {
        if (method === 'POST') return { status: { allowed: true } };
        return discovered(all, path);
      }),
  };
  return { cluster, object, writes };
}

/** A refusal is a rejection, as of a real cluster. */
function attempt<R>(work: () => R): Promise<R> {
  return Promise.resolve().then(work);
}

function merge(target: Record<string, unknown>, patch: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(patch)) {
    const inner = target[key];
    if (value === null) Reflect.deleteProperty(target, key);
    else if (typeof value !== 'object' || Array.isArray(value)) target[key] = value;
    else {
      const deeper = typeof inner === 'object' && inner !== null ? inner : {};
      target[key] = deeper;
      merge(deeper as Record<string, unknown>, value as Record<string, unknown>);
    }
  }
}

/** Discovery: the kinds of the objects that there are. */
function discovered(all: readonly KubeObject[], path: string): unknown {
  const apiVersion = path.replace(/^\/apis?\//, '');
  const groups = all.filter((one) => one.apiVersion.startsWith(`${apiVersion}/`));
  const [ofGroup] = groups;
  if (ofGroup !== undefined) return { preferredVersion: { groupVersion: ofGroup.apiVersion } };
  const kinds = new Set(all.filter((one) => one.apiVersion === apiVersion).map(({ kind }) => kind));
  if (kinds.size === 0) throw new ClusterError('not found', 404, 'NotFound');
  const resources = [...kinds].map((kind) => ({ kind, name: `${kind.toLowerCase()}s`, namespaced: true }));
  return { resources };
}
