/** Prints tables: k8s.io/kubectl/pkg/cmd/get/get.go, Run. */
import type { JsonObject } from '../../cluster/json.ts';
import type { Resource } from '../../cluster/resources.ts';
import type { TablePage, TableRow } from '../../cluster/tables.ts';
import { tableIn } from '../../cluster/tables.ts';
import { FailedError } from '../../errors.ts';
import { age } from '../../terminal/age.ts';
import { asKubectl, asShown } from '../../terminal/cell.ts';
import type { Output } from '../../terminal/output.ts';
import { UnsortableError } from '../../terminal/sort-by.ts';
import { TabWriter } from '../../terminal/tab-writer.ts';
import type { IsAlarming, Table, TableOptions } from '../../terminal/table.ts';
import { tablePrinter } from '../../terminal/table.ts';
import type { Fetch, Found } from './fetch.ts';
import type { GetOptions } from './options.ts';
import { itemsIn } from './printer.ts';
import { throwAll } from './report.ts';
import { sortedAmong, sortedTable } from './sort-tables.ts';

interface FoundTable {
  resource: Resource;
  table: Table;
  /** What it is sorted by among others. */
  document: JsonObject | undefined;
}

/**
 * The widths of columns depend on every row of a type, so nothing is printed before all have come; of the objects only
 * what is shown is kept meanwhile.
 * @throws VerbatimError, FailedError, ClusterError in kubectl's words, after what could be printed
 */
export async function printTables(output: Output, fetched: Fetch, options: GetOptions): Promise<void> {
  const tables: FoundTable[] = [];
  for await (const found of fetched.found) tables.push(...tablesOf(found, options));
  const text = textOf(sortedAmong(tables, options.sortPath), options, { output, isAlarming: fetched.isAlarming });
  await output.write(text);
  if (text === '' && !options.ignoreNotFound && fetched.errors.length === 0) {
    const isAllNamespaced = !options.allNamespaces && tables.every(({ resource }) => resource.namespaced);
    output.note(nothingFound(isAllNamespaced ? options.namespace : undefined));
  }
  throwAll(fetched.errors);
}

/** @param namespace undefined: not only in one */
function nothingFound(namespace: string | undefined): string {
  return namespace === undefined ? 'No resources found\n' : `No resources found in ${namespace} namespace.\n`;
}

function tablesOf({ resource, document }: Found, options: GetOptions): FoundTable[] {
  const page = tableIn(document);
  const among = (one: JsonObject): JsonObject | undefined => (options.sortPath === '' ? undefined : one);
  if (page === undefined) {
    return itemsIn(document).map((item) => ({ resource, table: objectTable(item), document: among(item) }));
  }
  const sorted = printable(page, options);
  return [{ resource, table: shownOf(sorted, options), document: among(document) }];
}

/**
 * As kubectl does, it shows nothing of a table whose field isn't there or is no path, and says nothing.
 * @throws FailedError for values that have no order: there kubectl ends at once
 */
function printable(page: TablePage, { sortPath }: GetOptions): TablePage {
  try {
    return sortedTable(page, sortPath);
  } catch (error) {
    if (error instanceof FailedError && error.cause instanceof UnsortableError) throw error;
    return { columns: page.columns, rows: [] };
  }
}

/** An object that the server has not laid out: kubectl knows these columns alone. */
export function objectTable(object: JsonObject): Table {
  const { name, creationTimestamp = '' } = object.metadata as { name: string; creationTimestamp?: string };
  return { columns: ownColumns, rows: [{ cells: [name, age(Date.now() - Date.parse(creationTimestamp))], object }] };
}

const ownColumns = [
  { name: 'Name', type: 'string', format: 'name', priority: 0 },
  { name: 'Age', type: 'string', priority: 0 },
];

/** Drops what is not shown of the objects. */
function shownOf({ columns, rows }: TablePage, options: GetOptions): Table {
  const isShown = rowsOf(options) !== 'None';
  return { columns, rows: rows.map(({ cells, object }) => (isShown ? { cells, object: slim(object) } : { cells })) };
}

function slim(object: TableRow['object']): NonNullable<Table['rows'][number]['object']> {
  const { namespace, labels } = (object?.metadata ?? {}) as { namespace?: string; labels?: Record<string, string> };
  return { metadata: { ...(namespace !== undefined && { namespace }), ...(labels !== undefined && { labels }) } };
}

/** What rows must carry of their objects: all of it to sort, and nothing where only cells are shown. */
export function rowsOf(options: GetOptions): 'None' | 'Object' | undefined {
  if (options.sortPath !== '') return 'Object';
  return options.allNamespaces || options.allLabels || options.labels.length > 0 ? undefined : 'None';
}

/** Tables of one type follow each other; a blank line stands where the type changes. */
function textOf(tables: readonly FoundTable[], options: GetOptions, setting: Omit<Setting, 'isMixed'>): string {
  const isMixed = tables.some(({ resource }) => resource !== tables[0]?.resource);
  const blocks: [FoundTable, ...FoundTable[]][] = [];
  for (const table of tables) {
    const last = blocks.at(-1);
    if (last?.[0].resource === table.resource) last.push(table);
    else blocks.push([table]);
  }
  // A column that kubectl has begun to show stays, also for types that have no namespaces.
  const firstNamespaced = blocks.findIndex(([{ resource }]) => resource.namespaced);
  const texts = blocks.map((block, index) => {
    const namespace = options.allNamespaces && firstNamespaced >= 0 && index >= firstNamespaced;
    return blockOf(block, { ...tableOptions(block[0].resource, options, { ...setting, isMixed }), namespace });
  });
  return texts.filter((text) => text !== '').join(options.headers ? '\n' : '');
}

function blockOf(tables: readonly FoundTable[], options: TableOptions): string {
  const print = tablePrinter(options);
  const writer = new TabWriter();
  for (const { table } of tables) writer.write(print(table));
  return writer.flush();
}

/** Where a table is printed, and with what. */
interface Setting {
  output: Output;
  isMixed: boolean;
  isAlarming: IsAlarming | undefined;
}

export function tableOptions(
  { kind, group }: Resource,
  { headers, output, allNamespaces, labels, allLabels, showKind }: GetOptions,
  { output: { toTerminal, alarming }, isMixed, isAlarming }: Setting,
): TableOptions {
  const fullKind = group === '' ? kind.toLowerCase() : `${kind.toLowerCase()}.${group}`;
  return {
    headers,
    wide: output === 'wide',
    kind: showKind || isMixed ? fullKind : undefined,
    namespace: allNamespaces,
    labels,
    allLabels,
    safe: toTerminal ? asShown : asKubectl,
    style: isAlarming && ((header, text) => (isAlarming(header, text) ? alarming(text) : text)),
  };
}
