/** The owners above an object, from the nearest to the root, custom resources included: raw objects, found by discovery. */
import type { Cluster } from '../cluster/cluster.ts';
import { resourceOfGroup, resourceOfKind } from '../cluster/discovery.ts';
import type { KubeObject } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import { qualifiedName } from '../cluster/resources.ts';
import type { Finding } from '../errors.ts';
import { ClusterError } from '../errors.ts';
import { isName } from './keeper.ts';
import { displayName } from './kinds.ts';
import { namedByLabels } from './operators.ts';
import { parentOf } from './pods-of.ts';
import { unheld } from './unheld.ts';

export interface Parent {
  resource: Resource;
  object: KubeObject;
}

export interface Parents {
  /** The nearest first. */
  above: Parent[];
  /** Where the way up could not be seen to its end: what is next there, such as `kafka/my`. */
  unseen?: Unseen;
}

interface Unseen {
  name: string;
  finding: Finding;
}

/** Longer chains are circles. */
const mostParents = 10;

/** Asks for each owner once, whatever the number of objects below it. */
export function parentReader(cluster: Cluster, namespace: string): (object: KubeObject) => Promise<Parents> {
  const known = new Map<string, Promise<Parent | Unseen | undefined>>();
  return async (start) => {
    const above: Parent[] = [];
    let object = start;
    while (above.length < mostParents) {
      const reference = parentOf(object);
      const named = reference === undefined ? namedByLabels(object) : undefined;
      const key = reference?.uid ?? JSON.stringify(named);
      const found =
        known.get(key) ??
        (reference === undefined
          ? readNamed(cluster, named, namespace, object)
          : readParent(cluster, reference, namespace, object));
      known.set(key, found);
      const parent = await found;
      // An owner that is gone starts nothing any more.
      if (parent === undefined) break;
      if ('finding' in parent) return { above, unseen: parent };
      above.push(parent);
      ({ object } = parent);
    }
    return { above };
  };
}

/** Some name what stands above them by labels alone. Labels are anybody's: what isn't there is nothing to be said of. */
async function readNamed(
  cluster: Cluster,
  named: ReturnType<typeof namedByLabels>,
  namespace: string,
  child: KubeObject,
): Promise<Parent | Unseen | undefined> {
  if (named === undefined || !isName(named.name)) return undefined;
  const resource = await resourceOfGroup(cluster, named.group, named.kind);
  if (resource?.namespaced !== true) return undefined;
  return found(cluster, { resource, name: named.name, namespace, child });
}

async function found(
  cluster: Cluster,
  {
    resource,
    name,
    namespace,
    child,
  }: { resource: Resource; name: string; namespace: string | undefined; child: KubeObject },
): Promise<Parent | Unseen | undefined> {
  try {
    const object = await cluster.find(resource, name, namespace);
    return object === undefined ? undefined : { resource, object: unheld(object) };
  } catch (error) {
    if (!(error instanceof ClusterError && error.status === 403)) throw error;
    const parent = displayName({ kind: resource.kind.toLowerCase(), name });
    const finding = {
      about: displayName({ kind: child.kind.toLowerCase(), name: child.metadata.name }),
      problem: `belongs to ${parent}, and you may not get ${qualifiedName(resource)}: who acts on it can't be seen`,
      remedy: `ask for the role in docs/rbac.md, or stop its operator yourself and say so: --no-stop ${parent}`,
    };
    return { name: parent, finding };
  }
}

type Reference = NonNullable<ReturnType<typeof parentOf>>;

async function readParent(
  cluster: Cluster,
  { apiVersion, kind, name, uid }: Reference,
  namespace: string,
  child: KubeObject,
): Promise<Parent | Unseen | undefined> {
  const resource = await resourceOfKind(cluster, apiVersion, kind);
  if (resource === undefined) return undefined;
  const parent = await found(cluster, {
    resource,
    name,
    namespace: resource.namespaced ? namespace : undefined,
    child,
  });
  return parent !== undefined && 'object' in parent && parent.object.metadata.uid !== uid ? undefined : parent;
}
