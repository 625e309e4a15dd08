/** Gets what was asked for, in the order in which kubectl visits it: k8s.io/cli-runtime/pkg/resource/visitor.go. */
import type { Cluster, Scope } from '../../cluster/cluster.ts';
import type { JsonObject } from '../../cluster/json.ts';
import type { Resource } from '../../cluster/resources.ts';
import { apiVersionOf } from '../../cluster/resources.ts';
import type { RawEvent, Shape } from '../../cluster/tables.ts';
import { FailedError } from '../../errors.ts';
import type { IsAlarming } from '../../terminal/table.ts';
import type { Wanted } from './fetch-each.ts';
import { fetchEach } from './fetch-each.ts';
import type { TypeWord } from './fetch-lists.ts';
import { fetchLists } from './fetch-lists.ts';
import { namedInFiles } from './files.ts';
import type { GetOptions } from './options.ts';
import { typeNamed } from './types.ts';
import type { Asked } from './words.ts';

/** A page of a list, or one object: a Table or as it is. */
export interface Found {
  resource: Resource;
  document: JsonObject;
}

export interface Fetch {
  /** One object was meant: it is printed alone, and it is all or nothing. */
  isSingle: boolean;
  found: Iterable<Found> | AsyncIterable<Found>;
  /** What a watch goes on with; absent when that is several things. */
  watched: Watched | undefined;
  /** What could not be got; complete when all that was found has been taken. */
  errors: Error[];
  /** Cells that stand out on a terminal, by their column's header; none of the API's own types. */
  isAlarming?: IsAlarming;
}

/** A scope of the API; or something else that tells what has changed since it was fetched. */
export type Watched = { scope: Scope } | { events: (signal: AbortSignal) => AsyncIterable<RawEvent> };

/** @throws FailedError, ClusterError for what ends everything, such as a type that the cluster doesn't have */
export async function fetchAsked(cluster: Cluster, asked: Asked, options: GetOptions, shape: Shape): Promise<Fetch> {
  if (asked.how === 'lists' && asked.types.length > 1 && options.watch !== 'no') throw new FailedError(oneTypeOnly);
  if (asked.how === 'lists') return fetchLists(cluster, await typesOf(cluster, asked.types), options, shape);
  if (asked.how === 'files') {
    const { wanted, isSingle } = await namedInFiles(cluster, asked, options);
    return fetchEach(cluster, wanted, options, shape, isSingle);
  }
  const wanted = await wantedOf(cluster, asked.items, options);
  const isMixed = wanted.some(({ resource }) => resource !== wanted[0]?.resource);
  if (isMixed && options.watch !== 'no') throw new FailedError(oneTypeOnly);
  return fetchEach(cluster, wanted, options, shape, wanted.length === 1);
}

const oneTypeOnly = 'you may only specify a single resource type';

/** Each type once, however often it is named. */
async function typesOf(cluster: Cluster, words: readonly string[]): Promise<TypeWord[]> {
  const found = await Promise.all(words.map(async (word) => ({ word, resource: await typeNamed(cluster, word) })));
  return found.filter(
    ({ resource }, index) => found.findIndex((other) => sameType(other.resource, resource)) === index,
  );
}

function sameType(a: Resource, b: Resource): boolean {
  return a.plural === b.plural && apiVersionOf(a) === apiVersionOf(b);
}

async function wantedOf(
  cluster: Cluster,
  items: readonly { type: string; name: string }[],
  { allNamespaces, namespace }: GetOptions,
): Promise<Wanted[]> {
  return Promise.all(
    items.map(async ({ type, name }) => {
      const resource = await typeNamed(cluster, type);
      if (allNamespaces && resource.namespaced) {
        throw new FailedError('a resource cannot be retrieved by name across all namespaces');
      }
      return { resource, word: type, name, namespace: resource.namespaced ? namespace : undefined };
    }),
  );
}
