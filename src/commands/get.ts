/** `get`: lists snapshots, contents and classes as kubectl prints them, and sets. */
import type { Options } from 'yargs';
import type { Cluster } from '../cluster/cluster.ts';
import type { Resource } from '../cluster/resources.ts';
import { contents, isNamed, pathOf, snapshotClasses, snapshots } from '../cluster/resources.ts';
import type { TablePage } from '../cluster/tables.ts';
import { tableOf, tablePages } from '../cluster/tables.ts';
import { ClusterError, FailedError, UsageError } from '../errors.ts';
import type { Output } from '../terminal/output.ts';
import { tableLines } from '../terminal/table.ts';
import { shownLines } from '../terminal/text.ts';
import type { Command, Invocation } from './command.ts';
import { oneOf, textOf } from './flags.ts';
import { getSets } from './get-sets.ts';
import { printValue } from './print.ts';

export interface GetOptions {
  /** undefined: all namespaces. */
  namespace: string | undefined;
  names: readonly string[];
  selector: string | undefined;
  format: 'wide' | 'name' | 'json' | 'yaml' | undefined;
}

const listed: readonly Resource[] = [snapshots, contents, snapshotClasses];
const setWords = ['sets', 'set', 'snapshotsets', 'snapshotset'];

export const flags: Record<string, Options> = {
  'all-namespaces': { type: 'boolean', alias: 'A', describe: 'In all namespaces' },
  selector: { type: 'string', alias: 'l', describe: 'With these labels, such as -l app=kafka' },
  output: { type: 'string', alias: 'o', describe: 'wide, name, json or yaml' },
};

export const usage =
  '$0 get (sets | vs | vsc | vsclass) [NAME...] [flags]\n\nLists SnapshotSets, VolumeSnapshots, their contents and classes.';

export const examples: Command['examples'] = [
  ['$0 get sets', 'The sets of the namespace'],
  ['$0 get vs -l pvsnap.io/set=before-upgrade', "A set's snapshots"],
  ['$0 get vsc', 'All VolumeSnapshotContents'],
  ['$0 get sets -A -o wide', 'The sets of all namespaces, with their snapshots'],
];

export async function run({ args, output, connect }: Invocation): Promise<void> {
  const [type, ...names] = args._;
  if (type === undefined) throw new UsageError('get needs a type: sets, vs, vsc or vsclass');
  const format = oneOf(args, 'output', ['wide', 'name', 'json', 'yaml']);
  const resource = listed.find((candidate) => isNamed(candidate, type));
  if (resource === undefined && !setWords.includes(type.toLowerCase())) {
    throw new UsageError(`get "${type}": expected sets, vs, vsc or vsclass`);
  }
  const all = args['all-namespaces'] === true;
  if (all && names.length > 0) throw new UsageError('a resource cannot be retrieved by name across all namespaces');
  if (names.length > 0 && textOf(args, 'selector') !== undefined) {
    throw new FailedError('name cannot be provided when a selector is specified');
  }
  const cluster = connect();
  const options = {
    namespace: all ? undefined : cluster.namespace,
    names,
    selector: textOf(args, 'selector'),
    format,
  };
  if (resource === undefined) await getSets(cluster, output, options);
  else await getResource(cluster, output, resource, options);
}

async function getResource(cluster: Cluster, output: Output, resource: Resource, options: GetOptions): Promise<void> {
  const { format } = options;
  const misses: ClusterError[] = [];
  if (format === 'json' || format === 'yaml') {
    const value = await objectsOf(cluster, resource, options, misses);
    if (value !== undefined) await printValue(output, format, value);
  } else {
    const pages = await pagesOf(cluster, resource, options, misses);
    await printPages(output, resource, pages, options);
  }
  reportMisses(output, misses);
}

/** One line each, as kubectl prints them after what it found. @throws the last, which ends the program with exit 1 */
function reportMisses(output: Output, misses: readonly ClusterError[]): void {
  const last = misses.at(-1);
  for (const miss of misses.slice(0, -1)) output.note(shownLines(`${miss.message}\n`));
  if (last !== undefined) throw last;
}

async function printPages(
  output: Output,
  resource: Resource,
  pages: readonly TablePage[],
  { format, names, namespace }: GetOptions,
): Promise<void> {
  const rows = pages.flatMap((page) => page.rows);
  if (format === 'name') {
    const prefix = resource.group === '' ? resource.singular : `${resource.singular}.${resource.group}`;
    await output.print(rows.map(({ object }) => `${prefix}/${object.metadata.name}\n`).join(''));
  } else if (rows.length > 0) {
    await printTable(output, pages, resource.namespaced && namespace === undefined, format === 'wide');
  } else if (names.length === 0) {
    output.note(nothingFound(resource.namespaced ? namespace : undefined));
  }
}

export function nothingFound(namespace: string | undefined): string {
  return namespace === undefined ? 'No resources found\n' : `No resources found in ${namespace} namespace.\n`;
}

async function pagesOf(
  cluster: Cluster,
  resource: Resource,
  { names, namespace, selector }: GetOptions,
  misses: ClusterError[],
): Promise<TablePage[]> {
  if (names.length > 0) return readEach(names, (name) => tableOf(cluster, resource, name, namespace), misses);
  return Array.fromAsync(tablePages(cluster, resource, { namespace, labelSelector: selector }));
}

/** What there is of these names; the server's refusals of the others go to `misses`. */
async function readEach<T>(
  names: readonly string[],
  read: (name: string) => Promise<T>,
  misses: ClusterError[],
): Promise<T[]> {
  const results = await Promise.allSettled(names.map(read));
  return results.flatMap((result) => {
    if (result.status === 'fulfilled') return [result.value];
    if (!(result.reason instanceof ClusterError)) throw result.reason;
    misses.push(result.reason);
    return [];
  });
}

async function printTable(
  output: Output,
  pages: readonly TablePage[],
  showNamespace: boolean,
  wide: boolean,
): Promise<void> {
  const all = pages[0]?.columns ?? [];
  const shownColumns = all.map(({ priority }) => wide || priority === 0);
  const columns = all.filter((_, index) => shownColumns[index]).map(({ name }) => name.toUpperCase());
  const rows = pages.flatMap((page) =>
    page.rows.map(({ cells, object }) => [
      ...(showNamespace ? [object.metadata.namespace] : []),
      ...cells.filter((_, index) => shownColumns[index]),
    ]),
  );
  const lines = tableLines(showNamespace ? ['NAMESPACE', ...columns] : columns, rows);
  await output.print([...lines, ''].join('\n'));
}

/** One name gives the object itself, as kubectl does, several a List of those found; undefined when none was. */
async function objectsOf(
  cluster: Cluster,
  resource: Resource,
  { names, namespace, selector }: GetOptions,
  misses: ClusterError[],
): Promise<unknown> {
  const read = (name: string): Promise<unknown> =>
    cluster.ask({ method: 'GET', path: pathOf(resource, namespace, name) });
  const items =
    names.length > 0
      ? await readEach(names, read, misses)
      : await cluster.list(resource, { namespace, labelSelector: selector });
  if (names.length === 1) return items[0];
  return { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items };
}
