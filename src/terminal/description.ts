/** One thing in full, as `kubectl describe` lays it out. */
import { alignRows, pad } from './columns.ts';
import { displayWidth, shown } from './text.ts';

/** A field with its value, which may have several lines, or with a table below it. */
export type Field = readonly [label: string, value: string | readonly string[] | DescribedTable];

export interface DescribedTable {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

const gap = 2;
const cells = { gap, width: Infinity, overhang: true };

/** Ends with a line end. Every text is made safe to print. */
export function descriptionText(fields: readonly Field[]): string {
  const width = Math.max(...fields.map(([label]) => displayWidth(label))) + ':'.length + gap;
  const lines = fields.flatMap(([label, value]) => {
    const name = pad(`${label}:`, width);
    if (typeof value === 'string') return [name + shown(value)];
    if (!('rows' in value)) return besides(name, value);
    if (value.rows.length === 0) return [`${name}<none>`];
    const dashes = value.columns.map((column) => '-'.repeat(column.length));
    return [`${label}:`, ...alignRows([value.columns, dashes, ...value.rows], cells).map((line) => `  ${line}`)];
  });
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function besides(name: string, values: readonly string[]): string[] {
  const [first = '<none>', ...others] = values;
  return [name + shown(first), ...others.map((value) => ' '.repeat(name.length) + shown(value))];
}
