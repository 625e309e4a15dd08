/** Gets sets and operations, laid out as the API server would lay them out. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { RawEvent, Shape } from '../../cluster/tables.ts';
import { ClusterError, FailedError, UsageError } from '../../errors.ts';
import type { Fetch, Found } from './fetch.ts';
import type { GetOptions } from './options.ts';
import type { Named, OwnType } from './own-types.ts';
import { ownTypes } from './own-types.ts';
import type { OwnName } from './own-words.ts';
import type { Asked } from './words.ts';

/** Reads what was asked for. @throws ClusterError */
export function fetchOwn(
  cluster: Cluster,
  own: OwnName,
  asked: Asked,
  options: GetOptions,
  shape: Shape,
): Promise<Fetch> {
  return own === 'sets'
    ? fetchOf(cluster, ownTypes.sets, asked, options, shape)
    : fetchOf(cluster, ownTypes.operations, asked, options, shape);
}

async function fetchOf<T extends Named>(
  cluster: Cluster,
  type: OwnType<T>,
  asked: Asked,
  options: GetOptions,
  shape: Shape,
): Promise<Fetch> {
  const names = asked.how === 'names' ? [...new Set(asked.items.map(({ name }) => name))] : undefined;
  refuseUnknown(type, names, options);
  const { allNamespaces, namespace, labelSelector, ignoreNotFound } = options;
  const scope = { namespace: allNamespaces ? undefined : namespace, labelSelector };
  const all = await type.read(cluster, scope);
  const shown = names === undefined ? all : namedAmong(all, names);
  const absent = names?.filter((name) => !shown.some((one) => one.name === name)) ?? [];
  const isSingle = names?.length === 1;
  const isWatchable = names === undefined || isSingle;
  const changes: Changes<T> = { cluster, type, scope, known: all, name: names?.[0], shape, options };
  const documents = documentsOf(type, shown, shape, names !== undefined);
  return {
    isSingle,
    found: documents.map((document) => ({ resource: type.resource, document })),
    errors: ignoreNotFound ? [] : absent.map((name) => notFound(type, name)),
    watched: isWatchable ? { events: (signal) => eventsOf(changes, signal) } : undefined,
    isAlarming: type.isAlarming,
  };
}

function refuseUnknown<T extends Named>(
  { resource: { plural } }: OwnType<T>,
  names: readonly string[] | undefined,
  options: GetOptions,
): void {
  if (options.fieldSelector !== undefined)
    throw new UsageError(`get ${plural} --field-selector: ${plural} have no fields to select by`);
  if (options.subresource !== undefined) throw new UsageError(`get ${plural} --subresource: ${plural} have none`);
  if (names !== undefined && options.allNamespaces) {
    throw new FailedError('a resource cannot be retrieved by name across all namespaces');
  }
}

/** In the order in which they are named. */
function namedAmong<T extends Named>(all: readonly T[], names: readonly string[]): T[] {
  const byName = new Map(all.map((one) => [one.name, one]));
  return names.flatMap((name) => byName.get(name) ?? []);
}

/** In the server's words. */
export function notFound<T extends Named>({ resource }: OwnType<T>, name: string): ClusterError {
  return new ClusterError(`Error from server (NotFound): ${resource.plural} "${name}" not found`, 404, 'NotFound');
}

/** Of several names none may be there, and nothing is a table of them then. */
function documentsOf<T extends Named>(
  type: OwnType<T>,
  shown: readonly T[],
  { as }: Shape,
  isNamed: boolean,
): Found['document'][] {
  if (isNamed && as === 'objects') return shown.map((one) => type.asObject(one));
  if (isNamed && shown.length === 0) return [];
  return as === 'tables' ? [type.tableOf(shown)] : [{ items: shown.map((one) => type.asObject(one)) }];
}

interface Changes<T extends Named> {
  cluster: Cluster;
  type: OwnType<T>;
  scope: { namespace: string | undefined; labelSelector: string | undefined };
  known: readonly T[];
  /** Of this one alone. */
  name: string | undefined;
  shape: Shape;
  options: GetOptions;
}

/** A change of what it is made of is a change of it only where it shows: one snapshot alone changes several times. */
async function* eventsOf<T extends Named>(changes: Changes<T>, signal: AbortSignal): AsyncGenerator<RawEvent> {
  const { cluster, type: own, scope, known, name, shape } = changes;
  const keyOf = ({ namespace, name: itsName }: T): string => `${namespace}/${itsName}`;
  const told = new Map(known.map((one) => [keyOf(one), aspectOf(one, changes)]));
  for await (const { type, object } of own.watch(cluster, scope, known, signal)) {
    if (name !== undefined && object.name !== name) continue;
    const aspect = aspectOf(object, changes);
    const isTold = type === 'MODIFIED' && told.get(keyOf(object)) === aspect;
    told.set(keyOf(object), aspect);
    if (!isTold) yield { type, object: shape.as === 'tables' ? own.tableOf([object]) : own.asObject(object) };
  }
}

/** What is printed of it, without its age. */
function aspectOf<T extends Named>(
  one: T,
  { type, shape, options: { output, labels, allLabels } }: Changes<T>,
): string {
  if (shape.as === 'objects') return JSON.stringify(type.asObject(one));
  const shownLabels = allLabels || labels.length > 0 ? type.labelsOf(one) : {};
  return JSON.stringify([type.shownCells(one, output === 'wide'), shownLabels]);
}
