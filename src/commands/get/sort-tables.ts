/** `--sort-by` of tables: k8s.io/kubectl/pkg/cmd/get/get.go, RuntimeSorter, and sorter.go. */
import type { TablePage } from '../../cluster/tables.ts';
import { FailedError, reasonOf } from '../../errors.ts';
import { relaxedPath } from '../../terminal/custom-columns.ts';
import { sortBy } from '../../terminal/sort-by.ts';

/** The rows of one table, by their objects. @throws FailedError in kubectl's words */
export function sortedTable(page: TablePage, path: string): TablePage {
  if (path === '' || page.rows.length < 2) return page;
  return { ...page, rows: kubectls(() => sortBy(page.rows, lenient(path), ({ object }) => object)) };
}

/** Several things among each other, of which tables have hardly anything to be sorted by. @throws FailedError */
export function sortedAmong<T extends { document: unknown }>(things: readonly T[], path: string): readonly T[] {
  if (path === '' || things.length < 2) return things;
  return kubectls(() => sortBy(things, relaxedPath(path), ({ document }) => document));
}

/** What isn't a path may still be a template. */
function lenient(path: string): string {
  try {
    return relaxedPath(path);
  } catch {
    return path;
  }
}

function kubectls<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new FailedError(reasonOf(error), { cause: error });
  }
}
