/** What a person names with --stop. */
import type { Cluster } from '../cluster/cluster.ts';
import type { KubeObject } from '../cluster/objects.ts';
import type { Finding } from '../errors.ts';
import { ClusterError } from '../errors.ts';
import { displayName, isWorkloadKind, resourceOf } from './kinds.ts';
import type { Owner } from './owner.ts';
import { ownerResource } from './owner.ts';
import type { NamedWorkload } from './stop-choices.ts';
import { unheld } from './unheld.ts';

export async function namedOperators(
  cluster: Cluster,
  named: readonly NamedWorkload[],
): Promise<{ owners: Owner[]; objects: KubeObject[]; findings: Finding[] }> {
  const found = await Promise.all(named.map((one) => findNamed(cluster, one)));
  const known = found.filter((one) => 'object' in one);
  return {
    owners: known.map(({ owner }) => owner),
    objects: known.map(({ object }) => object),
    findings: found.filter((one) => 'problem' in one),
  };
}

interface Named {
  owner: Owner;
  object: KubeObject;
}

async function findNamed(cluster: Cluster, { kind, name, namespace }: NamedWorkload): Promise<Named | Finding> {
  const about = `--stop ${namespace}/${displayName({ kind, name })}`;
  if (!isWorkloadKind(kind)) return { about, problem: `a ${kind} can't be scaled` };
  const remedy = `see: kubectl get ${resourceOf(kind).plural} -n ${namespace}`;
  try {
    const object = await cluster.find(resourceOf(kind), name, namespace);
    if (object === undefined) return { about, problem: 'not found', remedy };
    return { owner: scaledOwner(unheld(object), kind), object };
  } catch (error) {
    if (!(error instanceof ClusterError && error.status === 403)) throw error;
    return { about, problem: `you may not get it: ${error.message}`, remedy: 'ask for the role in docs/rbac.md' };
  }
}

/** A controller that is stopped by its own replicas. */
export function scaledOwner(
  object: KubeObject,
  kind: 'deployment' | 'statefulset' | (string & {}) = 'deployment',
): Owner {
  if (!isWorkloadKind(kind)) throw new TypeError(`a ${kind} can't be scaled`);
  const { name, namespace = '', uid = '' } = object.metadata;
  const { replicas = 1 } = (object as KubeObject & { spec?: { replicas?: number } }).spec ?? {};
  return {
    role: 'operator',
    resource: ownerResource(resourceOf(kind)),
    namespace,
    name,
    uid,
    changes: [{ path: ['spec', 'replicas'], before: replicas, during: 0 }],
    how: 'scale',
  };
}
