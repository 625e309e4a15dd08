/** Lists as the API server lays them out for kubectl: meta.k8s.io/v1 Tables. */
import type { Cluster, Scope } from './cluster.ts';
import type { KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';
import { pathOf } from './resources.ts';

interface TableColumn {
  name: string;
  type: string;
  /** 0 for what is shown always; above it only with -o wide. */
  priority: number;
}

interface TableRow {
  cells: unknown[];
  /** The object's metadata alone. */
  object: Pick<KubeObject, 'metadata'>;
}

export interface TablePage {
  columns: TableColumn[];
  rows: TableRow[];
}

const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** One object as a Table. */
export async function tableOf(
  cluster: Cluster,
  resource: Resource,
  name: string,
  namespace: string | undefined,
): Promise<TablePage> {
  return pageOf(await cluster.ask({ method: 'GET', path: pathOf(resource, namespace, name), accept }));
}

/** A list as Tables, page by page, as kubectl asks for it. */
export async function* tablePages(cluster: Cluster, resource: Resource, scope: Scope): AsyncGenerator<TablePage> {
  const path = pathOf(resource, scope.namespace);
  const { labelSelector, fieldSelector } = scope;
  let next: string | undefined;
  do {
    const query = { labelSelector, fieldSelector, limit: 500, continue: next };
    const page = await cluster.ask({ method: 'GET', path, accept, query });
    yield pageOf(page);
    next = (page as { metadata?: { continue?: string } }).metadata?.continue;
  } while (next !== undefined && next !== '');
}

function pageOf(table: unknown): TablePage {
  const { columnDefinitions, rows } = table as { columnDefinitions: TableColumn[] | null; rows: TableRow[] | null };
  return { columns: columnDefinitions ?? [], rows: rows ?? [] };
}
