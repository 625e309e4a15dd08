/** Which version of a resource the cluster serves. Asked only where the one that we know isn't there. */
import { ClusterError } from '../errors.ts';
import type { Cluster } from './cluster.ts';
import type { Resource } from './resources.ts';

interface Group {
  preferredVersion?: { version: string };
  versions: { version: string }[];
}

/**
 * The resource as the server serves it, in the version that the server prefers; undefined when it doesn't.
 * @param version only this one counts
 * @throws ClusterError when the server doesn't say
 */
export async function servedAs(cluster: Cluster, resource: Resource, version?: string): Promise<Resource | undefined> {
  const group = (await find(cluster, `/apis/${resource.group}`)) as Group | undefined;
  const offered = [group?.preferredVersion, ...(group?.versions ?? [])].flatMap((one) => one?.version ?? []);
  for (const candidate of new Set(version === undefined ? offered : offered.filter((one) => one === version))) {
    const list = (await find(cluster, `/apis/${resource.group}/${candidate}`)) as
      { resources: { name: string }[] } | undefined;
    if (list?.resources.some(({ name }) => name === resource.plural) === true) {
      return { ...resource, version: candidate };
    }
  }
  return undefined;
}

async function find(cluster: Cluster, path: string): Promise<unknown> {
  try {
    return await cluster.ask({ method: 'GET', path });
  } catch (error) {
    if (error instanceof ClusterError && error.status === 404) return undefined;
    throw error;
  }
}
