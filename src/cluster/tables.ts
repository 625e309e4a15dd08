/** Lists, single objects and watches as the API server lays them out for kubectl: as meta.k8s.io/v1 Tables, or as they are. */
import type { Cluster, Scope } from './cluster.ts';
import type { JsonObject } from './json.ts';
import { parseJson } from './json.ts';
import { linesOf } from './lines.ts';
import type { Resource } from './resources.ts';
import { pathOf } from './resources.ts';

interface TableColumn {
  name: string;
  type: string;
  /** `name` for the column with the object's name. */
  format?: string;
  /** 0 for what is shown always; above it only with -o wide. */
  priority: number;
}

export interface TableRow {
  cells: unknown[];
  /** As much of the object as was asked for. */
  object?: JsonObject | null;
}

export interface TablePage {
  /** Empty in a watch where they are as before. */
  columns: TableColumn[];
  rows: TableRow[];
}

/** How objects are asked for. Whole numbers that a double can't hold come as bigint in all of them. */
export interface Shape {
  as: 'tables' | 'objects';
  /** What rows carry of their objects; their metadata when nothing is said. */
  rows?: 'None' | 'Object' | undefined;
}

export interface PagedScope extends Scope {
  /** Objects asked for at once; 0 for all. */
  chunkSize: number;
}

const tableTypes = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** A list, page by page, each asked for when the one before has been taken. */
export async function* pagesOf(
  cluster: Cluster,
  resource: Resource,
  { namespace, labelSelector, fieldSelector, chunkSize }: PagedScope,
  shape: Shape,
): AsyncGenerator<JsonObject> {
  const limit = chunkSize === 0 ? undefined : chunkSize;
  const query = { labelSelector, fieldSelector, limit };
  let next: string | undefined;
  do {
    const path = pathOf(resource, namespace);
    const page = await askFor(cluster, path, { ...query, continue: next }, shape);
    yield page;
    next = (page as { metadata?: { continue?: string } }).metadata?.continue;
  } while (next !== undefined && next !== '');
}

/** One object, or a subresource of it. */
export async function documentOf(
  cluster: Cluster,
  resource: Resource,
  { name, namespace, subresource }: { name: string; namespace?: string | undefined; subresource?: string | undefined },
  shape: Shape,
): Promise<JsonObject> {
  return askFor(cluster, pathOf(resource, namespace, name, subresource), {}, shape);
}

export interface RawEvent {
  type: string;
  /** The object, a Table with one row, or a Status. */
  object: JsonObject;
}

/** What happens to objects from a version on, until the server ends the watch or the signal does. */
export async function* eventsOf(
  cluster: Cluster,
  resource: Resource,
  { namespace, labelSelector, fieldSelector }: Scope,
  resourceVersion: string,
  shape: Shape,
  signal: AbortSignal,
): AsyncGenerator<RawEvent> {
  const response = await cluster.send({
    method: 'GET',
    path: pathOf(resource, namespace),
    query: { watch: true, resourceVersion, labelSelector, fieldSelector, ...shapeQuery(shape) },
    ...shapeAccept(shape),
    signal,
    streaming: true,
  });
  for await (const line of linesOf(response)) yield parseJson(line) as RawEvent;
}

/** undefined when the document is no Table. */
export function tableIn(document: JsonObject): TablePage | undefined {
  const { kind, columnDefinitions, rows } = document;
  if (kind !== 'Table') return undefined;
  return {
    columns: (columnDefinitions as TableColumn[] | null | undefined) ?? [],
    rows: (rows as TableRow[] | null | undefined) ?? [],
  };
}

async function askFor(
  cluster: Cluster,
  path: string,
  query: Record<string, string | number | undefined>,
  shape: Shape,
): Promise<JsonObject> {
  const request = { method: 'GET' as const, path, query: { ...query, ...shapeQuery(shape) }, ...shapeAccept(shape) };
  return (await cluster.ask(request, parseJson)) as JsonObject;
}

function shapeQuery({ as, rows }: Shape): { includeObject?: string } {
  return as === 'tables' && rows !== undefined ? { includeObject: rows } : {};
}

function shapeAccept({ as }: Shape): { accept?: string } {
  return as === 'tables' ? { accept: tableTypes } : {};
}
