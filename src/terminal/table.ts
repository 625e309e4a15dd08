/** Tables of the API as kubectl prints them: k8s.io/cli-runtime/pkg/printers/tableprinter.go. */
import { cellText } from './cell.ts';
import { sortedEntries } from './go-text.ts';

interface Column {
  name: string;
  type: string;
  format?: string | undefined;
  /** 0 for what is shown always; above it only when wide. */
  priority: number;
}

interface Row {
  cells: readonly unknown[];
  /** What the row is about, as far as it is known. */
  object?: { metadata?: { namespace?: string; labels?: Record<string, string> } | undefined } | null | undefined;
}

export interface Table {
  /** Empty when they are those of the table before, as in a watch. */
  columns: readonly Column[];
  rows: readonly Row[];
}

export interface TableOptions {
  headers: boolean;
  wide: boolean;
  /** Shows names as KIND/NAME with this kind. */
  kind?: string | undefined;
  /** A first column with the namespace. */
  namespace: boolean;
  /** Labels with a column of their own. */
  labels: readonly string[];
  /** A last column with all labels. */
  allLabels: boolean;
  /** Makes a text safe for where it is printed. */
  safe: (text: string) => string;
  /** Colours a text that is safe by now. */
  style?: ((header: string, text: string) => string) | undefined;
}

/** Whether a cell is one to worry about. */
export type IsAlarming = (header: string, text: string) => boolean;

/**
 * A printer of tables that follow each other. It returns text for a TabWriter; the header comes with the first row, and
 * again when the columns change.
 * @param eventType of a watch, for a first column
 */
export function tablePrinter(options: TableOptions): (table: Table, eventType?: string) => string {
  let last: { columns: readonly Column[]; key: string } = { columns: [], key: '' };
  let printedHeader = false;
  return ({ columns, rows }, eventType) => {
    const key = columns.length === 0 ? last.key : JSON.stringify(columns);
    const withHeader = options.headers && !(printedHeader && key === last.key);
    if (key !== last.key) last = { columns, key };
    printedHeader = rows.length > 0 || (printedHeader && !withHeader);
    const layout = layoutOf(last.columns, options, eventType);
    const header = withHeader && rows.length > 0 ? `${headerOf(layout).join('\t')}\n` : '';
    return header + rows.map((row) => `${cellsOf(layout, row, options).join('\t')}\n`).join('');
  };
}

interface Layout {
  columns: readonly { header: string; isShown: boolean }[];
  /** The cell that carries the kind; -1 for none. */
  nameCell: number;
  /** Values before and after those of the table. */
  before: readonly ((row: Row) => unknown)[];
  after: readonly ((row: Row) => unknown)[];
}

function layoutOf(columns: readonly Column[], options: TableOptions, eventType: string | undefined): Layout {
  const { wide, kind, namespace, labels, allLabels } = options;
  const extra = (header: string): Layout['columns'][number] => ({ header, isShown: true });
  const isName = ({ format, type }: Column): boolean => format === 'name' && type === 'string';
  const event = (): string | undefined => eventTexts[eventType ?? ''] ?? eventType;
  const labelOf = (label: string) => (row: Row) => row.object?.metadata?.labels?.[label] ?? '';
  return {
    columns: [
      ...(eventType === undefined ? [] : [extra('EVENT')]),
      ...(namespace ? [extra('NAMESPACE')] : []),
      ...columns.map(({ name, priority }) => ({ header: name.toUpperCase(), isShown: wide || priority === 0 })),
      ...labels.map((label) => extra(lastPart(label).toUpperCase())),
      ...(allLabels ? [extra('LABELS')] : []),
    ],
    nameCell: kind === undefined ? -1 : columns.findIndex(isName),
    before: [...(eventType === undefined ? [] : [event]), ...(namespace ? [namespaceOf] : [])],
    after: [...labels.map(labelOf), ...(allLabels ? [allLabelsOf] : [])],
  };
}

function namespaceOf({ object }: Row): string {
  return object?.metadata?.namespace ?? '';
}

const eventTexts: Record<string, string> = {
  ADDED: 'ADDED   ',
  MODIFIED: 'MODIFIED',
  DELETED: 'DELETED ',
  ERROR: 'ERROR   ',
};

function lastPart(label: string): string {
  return label.slice(label.lastIndexOf('/') + 1);
}

function allLabelsOf({ object }: Row): string {
  const labels = sortedEntries(object?.metadata?.labels ?? {}).map(([key, value]) => `${key}=${String(value)}`);
  return labels.length === 0 ? '<none>' : labels.join(',');
}

function headerOf({ columns }: Layout): string[] {
  return columns.filter(({ isShown }) => isShown).map(({ header }) => header);
}

/** Cells stand under columns by their number alone: where there are more of them, the last are not shown. */
function cellsOf({ columns, nameCell, before, after }: Layout, row: Row, options: TableOptions): string[] {
  const { kind = '', safe, style = asItIs } = options;
  const own = row.cells.map((cell, index) => (index === nameCell ? `${kind}/${String(cell)}` : cell));
  const cells = [...before.map((valueOf) => valueOf(row)), ...own, ...after.map((valueOf) => valueOf(row))];
  return cells.slice(0, columns.length).flatMap((cell, index) => {
    const { isShown = false, header = '' } = columns[index] ?? {};
    return isShown ? [style(header, cellText(cell, safe))] : [];
  });
}

function asItIs(_: string, text: string): string {
  return text;
}
