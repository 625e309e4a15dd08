/** What is about to happen, and what stands in its way, laid out for a person to judge. */
import { alignRows, pad } from './columns.ts';
import { displayWidth, shorten, shown } from './text.ts';
import { wrap } from './wrap.ts';

export interface PlanText {
  title: string;
  sections: readonly PlanSection[];
  /** What stays behind, or what to do next. */
  closing: readonly string[];
}

interface PlanSection {
  label: string;
  lines: readonly string[] | PlanTable;
}

interface PlanTable {
  columns?: readonly string[];
  rows: readonly (readonly string[])[];
}

const indent = '  ';
const labelGap = 3;
const cellGap = 4;

/**
 * A plan of several lines, without a line end after the last: labels on the left, what each section says beside them.
 * Sentences wrap at `width` columns, tables get cells cut in their middle (see alignRows).
 */
export function planText(plan: PlanText, width: number): string {
  const labelWidth = widest(plan.sections.map((section) => section.label)) + labelGap;
  const room = width - indent.length - labelWidth;
  const sections = plan.sections.flatMap(({ label, lines }) =>
    beside(label, labelWidth, 'rows' in lines ? tableOf(lines, room) : sentences(lines, room)),
  );
  return [sentences([plan.title], width), sections, sentences(plan.closing, width)]
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n');
}

interface FindingText {
  /** What it is about, such as a claim's name. */
  about: string;
  problem: string;
  /** The way out. */
  remedy?: string;
}

/** Everything that stands in the way at once, each with its way out below it; without a line end after the last. */
export function findingsText(title: string, findings: readonly FindingText[], width = Infinity): string {
  const mostForNames = Math.max(8, Math.floor(width / 3));
  const names = findings.map(({ about }) => shorten(shown(about), mostForNames));
  const labelWidth = widest(names) + labelGap;
  const room = width - indent.length - labelWidth;
  const body = findings.flatMap(({ problem, remedy }, index) =>
    beside(names[index] ?? '', labelWidth, sentences(remedy === undefined ? [problem] : [problem, remedy], room)),
  );
  return [...sentences([title], width), '', ...body].join('\n');
}

function beside(label: string, labelWidth: number, lines: readonly string[]): string[] {
  const [first = '', ...others] = lines;
  const margin = indent + ' '.repeat(labelWidth);
  return [indent + pad(shown(label), labelWidth) + first, ...others.map((line) => margin + line)];
}

function tableOf({ columns, rows }: PlanTable, room: number): string[] {
  return alignRows(columns === undefined ? rows : [columns, ...rows], { gap: cellGap, width: room, overhang: false });
}

function sentences(lines: readonly string[], room: number): string[] {
  return lines.flatMap((line) => wrap(shown(line), room));
}

function widest(labels: readonly string[]): number {
  return Math.max(0, ...labels.map((label) => displayWidth(shown(label))));
}
