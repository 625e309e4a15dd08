/** The report: a Markdown file that is whole after every row, so that an interrupted benchmark leaves what it knows. */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Part } from './bench.ts';
import { sourceFingerprint } from './source.ts';

const resultsDirectory = join(import.meta.dirname, '..', '..', 'bench', 'results');

export interface Report {
  path: string;
  begin: (part: Part, maxClaims: number) => void;
  add: (part: Part, row: string[]) => Promise<void>;
  addFailure: (part: Part, what: string) => Promise<void>;
  /** Writes a file beside the report, with its name before this one. */
  save: (name: string, text: string) => Promise<void>;
  /** @returns the whole report, and whether all of it is of one version of the program */
  finish: () => Promise<{ text: string; isOfOneVersion: boolean }>;
}

interface Section {
  columns: string[];
  rows: string[][];
  failures: string[];
}

export async function openReport(runs: number): Promise<Report> {
  await mkdir(resultsDirectory, { recursive: true });
  const startedAt = new Date();
  const path = join(resultsDirectory, `${startedAt.toISOString().replaceAll(':', '-')}.md`);
  const version = await sourceFingerprint();
  const head = headOf(startedAt, runs, version);
  const sections = new Map<Part, Section>();
  const sectionOf = (part: Part): Section => sections.get(part) ?? { columns: [], rows: [], failures: [] };
  const write = async (tail = 'It was not finished.'): Promise<string> => {
    const text = [head, ...[...sections].map(([part, section]) => sectionText(part, section)), tail].join('\n\n');
    await writeFile(path, `${text}\n`);
    return text;
  };
  return {
    path,
    begin: (part, maxClaims) => {
      sections.set(part, { columns: part.columns(maxClaims), rows: [], failures: [] });
    },
    add: async (part, row) => {
      sectionOf(part).rows.push(row);
      await write();
    },
    addFailure: async (part, what) => {
      sectionOf(part).failures.push(what);
      await write();
    },
    save: async (name, text) => {
      await writeFile(path.replace(/md$/, name), text);
    },
    finish: async () => {
      const isOfOneVersion = (await sourceFingerprint()) === version;
      const ended = `Ended at ${new Date().toISOString()}, load average ${loadText()}.`;
      const warning = '\n\n**The source was edited meanwhile: the rows are of several versions of the program.**';
      return { text: await write(isOfOneVersion ? ended : ended + warning), isOfOneVersion };
    },
  };
}

function headOf(startedAt: Date, runs: number, version: string): string {
  const [cpu] = cpus();
  const memoryGiB = Math.round(totalmem() / 1024 ** 3);
  return [
    '# Benchmark of kubectl-pvsnap',
    `Begun at ${startedAt.toISOString()} on ${availableParallelism()} cores (${cpu?.model ?? 'unknown'}), ` +
      `${memoryGiB} GiB, Node ${process.version}; load average ${loadText()} before. All components of the cluster ` +
      `run on the same machine. Medians of ${runs === 1 ? '1 run' : `${runs} runs`} where nothing else is said, ` +
      'with the least and the greatest. The program, its start included in every time, is packaged where it stands ' +
      `beside kubectl, and runs from its source elsewhere; fingerprint of the source ${version}.`,
  ].join('\n\n');
}

function loadText(): string {
  return loadavg()
    .map((load) => load.toFixed(1))
    .join(', ');
}

function sectionText({ title, about }: Part, { columns, rows, failures }: Section): string {
  const table = [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  return [`## ${title}`, about, table, ...failures.map((failure) => `**${failure}**`)].join('\n\n');
}
