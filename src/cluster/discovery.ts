/** Finds where a kind stands in the API that isn't known beforehand, such as that of a custom resource. */
import { ClusterError } from '../errors.ts';
import type { Cluster } from './cluster.ts';
import type { Resource } from './resources.ts';

/**
 * What may become part of a path. References to owners are written by whoever may write the objects that hold them:
 * nothing of theirs may lead a request, made with our user's rights, anywhere but to the named kind.
 */
const apiVersionPattern = /^(?:([a-z0-9](?:[-.a-z0-9]*[a-z0-9])?)\/)?(v[a-z0-9]+)$/;
const groupPattern = /^[a-z0-9](?:[-.a-z0-9]*[a-z0-9])?$/;
const pluralPattern = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;

interface ApiResource {
  name: string;
  kind: string;
  namespaced: boolean;
  shortNames?: string[];
}

/**
 * @param apiVersion such as `apps/v1`; untrusted
 * @returns undefined when the cluster doesn't serve such a kind, or the text is no apiVersion
 * @throws ClusterError when the server doesn't say
 */
export async function resourceOfKind(
  cluster: Cluster,
  apiVersion: string,
  kind: string,
): Promise<Resource | undefined> {
  const [, group = '', version = ''] = apiVersionPattern.exec(apiVersion) ?? [];
  if (version === '') return undefined;
  const known = await resourcesOf(cluster, group === '' ? `/api/${version}` : `/apis/${group}/${version}`);
  const found = known.find((one) => one.kind === kind && pluralPattern.test(one.name));
  if (found === undefined) return undefined;
  const { name: plural, namespaced, shortNames = [] } = found;
  return { group, version, plural, singular: kind.toLowerCase(), kind, shortNames, namespaced };
}

/** The same for a kind whose version isn't known: the one that the server prefers. */
export async function resourceOfGroup(cluster: Cluster, group: string, kind: string): Promise<Resource | undefined> {
  if (!groupPattern.test(group)) return undefined;
  const served = (await found(cluster, `/apis/${group}`)) as
    { preferredVersion?: { groupVersion?: string } } | undefined;
  const { groupVersion } = served?.preferredVersion ?? {};
  return groupVersion === undefined ? undefined : resourceOfKind(cluster, groupVersion, kind);
}

async function resourcesOf(cluster: Cluster, path: string): Promise<ApiResource[]> {
  const list = (await found(cluster, path)) as { resources?: ApiResource[] } | undefined;
  return list?.resources ?? [];
}

async function found(cluster: Cluster, path: string): Promise<unknown> {
  try {
    return await cluster.ask({ method: 'GET', path });
  } catch (error) {
    if (error instanceof ClusterError && error.status === 404) return undefined;
    throw error;
  }
}
