/** Lists of whole types. */
import type { Cluster, Scope } from '../../cluster/cluster.ts';
import type { JsonObject } from '../../cluster/json.ts';
import type { Resource } from '../../cluster/resources.ts';
import { apiVersionOf } from '../../cluster/resources.ts';
import type { Shape } from '../../cluster/tables.ts';
import { pagesOf } from '../../cluster/tables.ts';
import { ClusterError, FailedError, isClusterError, VerbatimError } from '../../errors.ts';
import type { Fetch, Found } from './fetch.ts';
import type { GetOptions } from './options.ts';
import { isTable } from './options.ts';
import { segment } from './segment.ts';
import { mayBeElsewhere, relocated } from './types.ts';

/** A type, and how the user wrote it. */
export interface TypeWord {
  resource: Resource;
  word: string;
}

/** The first pages come at once, so that a type that is missing is known before anything is printed. */
export async function fetchLists(
  cluster: Cluster,
  types: readonly TypeWord[],
  options: GetOptions,
  shape: Shape,
): Promise<Fetch> {
  const errors: Error[] = [];
  const lists = await Promise.all(types.map((type) => startList(cluster, type, options, shape)));
  async function* found(): AsyncGenerator<Found> {
    for (const { resource, first, rest } of lists) {
      try {
        if (first instanceof Error) throw first;
        yield { resource, document: first };
        for await (const document of rest) yield { resource, document };
      } catch (error) {
        const isIgnored = options.ignoreNotFound && isClusterError(error, 'NotFound');
        if (!isIgnored) errors.push(explained(error, resource, options));
      }
    }
  }
  const watched = lists.flatMap(({ resource }) => ({ scope: scopeOf(resource, options) }));
  return { isSingle: false, found: found(), errors, watched: watched.length === 1 ? watched[0] : undefined };
}

function scopeOf(resource: Resource, { allNamespaces, namespace, labelSelector, fieldSelector }: GetOptions): Scope {
  const within = allNamespaces || !resource.namespaced ? undefined : namespace;
  return { namespace: within, labelSelector, fieldSelector };
}

interface StartedList {
  resource: Resource;
  first: JsonObject | Error;
  rest: AsyncIterable<JsonObject>;
}

async function startList(
  cluster: Cluster,
  { resource, word }: TypeWord,
  options: GetOptions,
  shape: Shape,
): Promise<StartedList> {
  const { chunkSize, sortPath, watch } = options;
  const scope = scopeOf(resource, options);
  const isSorted = sortPath !== '' && watch === 'no';
  const rest = pagesOf(cluster, resource, { ...scope, chunkSize: isSorted ? 0 : chunkSize }, shape);
  try {
    if (scope.namespace !== undefined) segment('namespace', scope.namespace);
    const first = await rest.next();
    return { resource, first: first.value as JsonObject, rest };
  } catch (error) {
    const elsewhere = mayBeElsewhere(error) ? await relocated(cluster, resource, word) : undefined;
    if (elsewhere !== undefined) return startList(cluster, { resource: elsewhere, word }, options, shape);
    return { resource, first: error as Error, rest };
  }
}

/** kubectl says what it wanted to list; and what isn't the server's it says without `error:` before a table. */
function explained(error: unknown, resource: Resource, options: GetOptions): Error {
  const { labelSelector, fieldSelector, watch } = options;
  if (error instanceof FailedError && isTable(options) && watch === 'no') return new VerbatimError(error.message);
  if (!(error instanceof ClusterError) || (error.reason !== 'BadRequest' && error.reason !== 'NotFound')) {
    return error as Error;
  }
  const subject = `"${apiVersionOf(resource)}, Resource=${resource.plural}"`;
  const what =
    labelSelector === undefined && fieldSelector === undefined
      ? `Unable to list ${subject}`
      : `Unable to find ${subject} that match label selector "${labelSelector ?? ''}", field selector "${fieldSelector ?? ''}"`;
  const [, start = '', message = ''] = /^(Error from server \(\w+\): )(.*)$/s.exec(error.message) ?? [];
  return new ClusterError(`${start}${what}: ${message}`, error.status, error.reason);
}
