/** Whether the owner that an ownerReference names still lives. */
import { ClusterError } from '../errors.ts';
import type { Cluster } from './cluster.ts';
import type { ObjectMeta } from './objects.ts';
import { pathOf } from './resources.ts';

type OwnerReference = NonNullable<ObjectMeta['ownerReferences']>[number];

/**
 * What may become part of a path. An ownerReference is written by whoever may write claims or snapshots: nothing else
 * of theirs may lead a request, made with our user's rights, anywhere but to the named kind.
 */
const apiVersionPattern = /^(?:([a-z0-9](?:[-.a-z0-9]*[a-z0-9])?)\/)?(v[a-z0-9]+)$/;
const pluralPattern = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;

interface ApiResource {
  name: string;
  kind: string;
  namespaced: boolean;
}

/**
 * An owner lives when an object of its kind and name has its uid. One that the user may not read counts as living:
 * dropping a good reference would be a change that nobody asked for.
 */
export async function ownerExists(cluster: Cluster, owner: OwnerReference, namespace: string): Promise<boolean> {
  const [, group = '', version = ''] = apiVersionPattern.exec(owner.apiVersion) ?? [];
  if (version === '' || owner.name.includes('/') || /^\.{0,2}$/.test(owner.name)) return false;
  try {
    const known = await discover(cluster, group === '' ? `/api/${version}` : `/apis/${group}/${version}`);
    const found = known.find(({ kind, name }) => kind === owner.kind && pluralPattern.test(name));
    if (found === undefined) return false;
    const resource = { ...found, group, version, plural: found.name, singular: '', shortNames: [] };
    const path = pathOf(resource, found.namespaced ? namespace : undefined, owner.name);
    const object = (await cluster.ask({ method: 'GET', path })) as { metadata: ObjectMeta };
    return object.metadata.uid === owner.uid;
  } catch (error) {
    if (error instanceof ClusterError && error.status === 404) return false;
    if (error instanceof ClusterError && error.status === 403) return true;
    throw error;
  }
}

async function discover(cluster: Cluster, path: string): Promise<ApiResource[]> {
  const list = (await cluster.ask({ method: 'GET', path })) as { resources?: ApiResource[] };
  return list.resources ?? [];
}
