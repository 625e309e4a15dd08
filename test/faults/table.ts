/** What was tried and what passed, as markdown. */
import type { Campaign, Result } from './campaign.ts';
import type { FaultName } from './faults.ts';
import { faultNames } from './faults.ts';
import type { VerbName } from './verbs.ts';

const verbs: VerbName[] = ['create', 'restore', 'undo', 'commit'];

/** Faults down, verbs across: `passed/tried`. */
export function tableOf({ shape, calls, results }: Campaign): string {
  const rows = faultNames.map((fault) => [fault, ...verbs.map((verb) => score(results, { verb, fault }))]);
  const all = ['**all**', ...verbs.map((verb) => score(results, { verb }))];
  const header = ['fault', ...verbs.map((verb) => `${verb} (${calls[verb].length} calls)`)];
  const lines = [header, header.map(() => '---'), ...rows, all].map((cells) => `| ${cells.join(' | ')} |`);
  return [`Passed/tried, ${shape}:`, '', ...lines, '', ...endsOf(results)].join('\n');
}

function score(results: readonly Result[], { verb, fault }: { verb: VerbName; fault?: FaultName }): string {
  const tried = results.filter((result) => result.verb === verb);
  const count = (some: readonly Result[]): number =>
    some.flatMap(({ struck }) => struck).filter((harm) => fault === undefined || harm.fault === fault).length;
  const passed = tried.filter(({ problem }) => problem === undefined);
  return count(tried) === 0 ? '' : `${count(passed)}/${count(tried)}`;
}

/** How the runs came to their end: what was done at once, and what needed a way out. */
function endsOf(results: readonly Result[]): string[] {
  const counts = new Map<string, number>();
  for (const { verb, struck, end } of results) {
    if (end === undefined || struck.length === 0) continue;
    counts.set(`${verb}: ${end}`, (counts.get(`${verb}: ${end}`) ?? 0) + 1);
  }
  return [...counts].sort().map(([end, count]) => `- ${end} (${count})`);
}

/** In a line or more; undefined when nothing is wrong. */
export function problemOf({ verb, struck, problem }: Result): string | undefined {
  const harms = struck.map(({ call, fault }) => `"${fault}" at ${call}`).join(', ');
  return problem === undefined ? undefined : `${verb}, ${harms || 'unharmed'}: ${problem}`;
}
