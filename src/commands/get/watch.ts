/** `-w`: k8s.io/kubectl/pkg/cmd/get/get.go, watch. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Resource } from '../../cluster/resources.ts';
import type { RawEvent, Shape } from '../../cluster/tables.ts';
import { eventsOf } from '../../cluster/tables.ts';
import { ClusterError, FailedError, reasonOf, VerbatimError } from '../../errors.ts';
import type { Output } from '../../terminal/output.ts';
import type { Fetch, Found, Watched } from './fetch.ts';
import type { GetOptions } from './options.ts';
import type { EventPrinter } from './print-events.ts';
import { watchPrinter } from './print-events.ts';

export interface Watching {
  shape: Shape;
  cancelled: AbortSignal;
}

/**
 * Prints what there is, then what changes, until the server ends the watch or the user does.
 * @throws VerbatimError without words when the user ends it; FailedError, ClusterError in kubectl's words
 */
export async function watchFound(
  cluster: Cluster,
  output: Output,
  fetched: Fetch,
  options: GetOptions,
  watching: Watching,
): Promise<void> {
  const { watched } = fetched;
  const found = await Array.fromAsync(fetched.found);
  const [error] = fetched.errors;
  if (error !== undefined) throw error;
  const [first] = found;
  // The object isn't there, and that is no error.
  if (first === undefined) return;
  const printer = await watchPrinter(output, first.resource, options, fetched.isAlarming);
  const isAlso = options.watch === 'also';
  for (const one of objectsIn(found, fetched.isSingle)) addInitial(printer, one, isAlso);
  await printer.flush();
  if (watched === undefined) {
    throw new FailedError('you may only watch a single resource or type of resource at a time');
  }
  // The API's watch of one object begins with that object, which has been printed.
  let isNew = !fetched.isSingle || 'events' in watched;
  const version = fetched.isSingle ? '0' : versionOf(found);
  for await (const event of changes(cluster, first.resource, watched, version, watching)) {
    if (!canAdd(printer, event, isNew)) return;
    await printer.flush();
    isNew = true;
  }
}

function addInitial(printer: EventPrinter, document: Found['document'], isShown: boolean): void {
  try {
    printer.add('ADDED', document, isShown);
  } catch (error) {
    throw new FailedError(`unable to output the provided object: ${reasonOf(error)}`);
  }
}

/** @returns false for a change that can't be printed: there kubectl ends, without a word */
function canAdd(printer: EventPrinter, { type, object }: RawEvent, isShown: boolean): boolean {
  try {
    printer.add(type, object, isShown);
    return true;
  } catch {
    return false;
  }
}

/** One page of objects is printed object by object; several pages, as kubectl takes them, are objects themselves. */
function objectsIn(found: readonly Found[], isSingle: boolean): Found['document'][] {
  const documents = found.map(({ document }) => document);
  const items = documents[0]?.items;
  return documents.length === 1 && !isSingle && Array.isArray(items) ? (items as Found['document'][]) : documents;
}

/** Nothing where pages or objects differ: the server begins at any version then. */
function versionOf(found: readonly Found[]): string {
  const versions = new Set(
    found.map(({ document }) => (document.metadata as { resourceVersion?: string } | undefined)?.resourceVersion),
  );
  return versions.size === 1 ? ([...versions][0] ?? '') : '';
}

async function* changes(
  cluster: Cluster,
  resource: Resource,
  watched: Watched,
  version: string,
  { shape, cancelled }: Watching,
): AsyncGenerator<RawEvent> {
  try {
    if ('events' in watched) yield* watched.events(cancelled);
    else yield* eventsOf(cluster, resource, watched.scope, version, shape, cancelled);
  } catch (error) {
    if (cancelled.aborted) throw new VerbatimError('');
    // As kubectl does, it ends without a word where the connection does.
    if (!(error instanceof ClusterError)) return;
    throw error;
  }
  if (cancelled.aborted) throw new VerbatimError('');
}
