/** Objects by their names. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Resource } from '../../cluster/resources.ts';
import type { Shape } from '../../cluster/tables.ts';
import { documentOf } from '../../cluster/tables.ts';
import { FailedError, isClusterError } from '../../errors.ts';
import type { Fetch, Found } from './fetch.ts';
import type { GetOptions } from './options.ts';
import { segment } from './segment.ts';
import { mayBeElsewhere, relocated } from './types.ts';

/** One object to get. */
export interface Wanted {
  resource: Resource;
  /** The type as the user wrote it. */
  word: string;
  name: string;
  namespace: string | undefined;
  /** Why it isn't taken, if it is there at all. */
  refusal?: Error | undefined;
}

/** Asks for all at once, and keeps them in the order in which they are wanted. */
export async function fetchEach(
  cluster: Cluster,
  wanted: readonly Wanted[],
  { subresource, ignoreNotFound }: GetOptions,
  shape: Shape,
  isSingle: boolean,
): Promise<Fetch> {
  const errors: Error[] = [];
  const relocations = new Map<Resource, Promise<Resource | undefined>>();
  const relocate = (resource: Resource, word: string): Promise<Resource | undefined> => {
    const known = relocations.get(resource) ?? relocated(cluster, resource, word);
    relocations.set(resource, known);
    return known;
  };
  const results = await Promise.allSettled(
    wanted.map(async (one) => getOne(cluster, one, { subresource, shape, relocate })),
  );
  const missing = results.find((result) => result.status === 'rejected');
  if (missing !== undefined) throw missing.reason;
  const found: Found[] = [];
  for (const result of results) {
    if (result.status !== 'fulfilled') continue;
    if (!(result.value instanceof Error)) found.push(result.value);
    else if (!ignoreNotFound || !isClusterError(result.value, 'NotFound')) errors.push(result.value);
  }
  const [only, ...more] = wanted;
  const scope = { namespace: only?.namespace, fieldSelector: `metadata.name=${only?.name ?? ''}` };
  const isAlone = isSingle && (errors.length > 0 || found.length === 1);
  return { isSingle: isAlone, found, errors, watched: more.length === 0 ? { scope } : undefined };
}

interface Manner {
  subresource: string | undefined;
  shape: Shape;
  relocate: (resource: Resource, word: string) => Promise<Resource | undefined>;
}

/** @throws what ends everything; an object that can't be got is returned as an error */
async function getOne(cluster: Cluster, wanted: Wanted, manner: Manner): Promise<Found | Error> {
  const { resource, word, namespace } = wanted;
  try {
    if (wanted.name === '') throw new FailedError('resource name may not be empty');
    if (namespace !== undefined) segment('namespace', namespace);
    const where = { name: segment('resource name', wanted.name), namespace, subresource: manner.subresource };
    const document = await documentOf(cluster, resource, where, manner.shape);
    return wanted.refusal ?? { resource, document };
  } catch (error) {
    const elsewhere = mayBeElsewhere(error) ? await manner.relocate(resource, word) : undefined;
    if (elsewhere !== undefined) return getOne(cluster, { ...wanted, resource: elsewhere }, manner);
    return (await missingNamespace(cluster, namespace, error)) ?? (error as Error);
  }
}

/** An object that isn't there because its namespace isn't: the server says the first, kubectl the second. */
async function missingNamespace(
  cluster: Cluster,
  namespace: string | undefined,
  error: unknown,
): Promise<Error | undefined> {
  if (namespace === undefined || namespace === 'default' || !isClusterError(error, 'NotFound')) return undefined;
  try {
    await cluster.ask({ method: 'GET', path: `/api/v1/namespaces/${encodeURIComponent(namespace)}` });
  } catch (missing) {
    if (isClusterError(missing, 'NotFound')) return missing;
  }
  return undefined;
}
