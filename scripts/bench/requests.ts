/** How many requests the program makes, by what they ask. */
import { setKnobs } from '../../test/cluster/csi-driver/knobs.ts';
import { sizesUpTo, type Bench, type Part } from './bench.ts';
import { timeout } from './commands.ts';
import { untilQuiet } from './quiet.ts';
import { durationText } from './statistics.ts';
import { countRequests, type Counts } from './trace.ts';
import { deploy, workload } from './workload.ts';

const SET = 'bench';
const DELAY_MS = 20_000;
const sizes = [6, 60];

export const requests: Part = {
  name: 'requests',
  title: 'Requests to the API server',
  about:
    'Counted from the trace of `-v=6`: one per answer, a watch as one. Verbs are those of RBAC. The columns "per claim" ' +
    `are the requests that each further claim costs. In the last column provisioning takes ${DELAY_MS / 1000} s longer: ` +
    'a program that polls would ask more often. The Lease is renewed every 6 s. Measured once. API limits: raised.',
  columns: (maxClaims) => ['verb', 'resource', ...columnsFor(sizesUpTo(maxClaims, sizes))],
  clusters: ['raised'],
  measure: async function* (bench) {
    const of = sizesUpTo(bench.maxClaims, sizes);
    const measured: Pair[] = [];
    for (const size of of) measured.push(await runOnce(bench, size, 0));
    const slow = await runOnce(bench, of[0] ?? 1, DELAY_MS);
    yield* rowsOf(measured, slow);
  },
};

interface Pair {
  size: number;
  create: Traced;
  restore: Traced;
}

interface Traced {
  counts: Counts;
  elapsedMs: number;
}

function columnsFor(of: number[]): string[] {
  const columns = ['create', 'restore'].flatMap((verb) => [...of.map((size) => `${verb} ${size}`), 'per claim']);
  return [...columns, `restore ${of[0] ?? 1}, slow storage`];
}

async function runOnce(bench: Bench, size: number, delayMs: number): Promise<Pair> {
  bench.say(`requests: create and restore of ${size} claims, delay ${delayMs / 1000} s`);
  const { namespace, commands } = await deploy(bench, size);
  const trace = async (...args: string[]): Promise<Traced> => {
    await untilQuiet(bench);
    const { stderr, elapsedMs } = await commands.pvsnap(...args, '--timeout', timeout, '-v=6');
    return { counts: countRequests(stderr), elapsedMs };
  };
  const create = await trace('create', `statefulset/${workload}`, '--name', SET);
  await setKnobs(bench.cluster.driverState, namespace, { provisionDelayMs: delayMs });
  const restore = await trace('restore', SET, '--yes');
  bench.say(`requests: ${size} claims: create ${totalOf(create)}, restore ${totalOf(restore)}`);
  return { size, create, restore };
}

function rowsOf(measured: Pair[], slow: Pair): string[][] {
  const all = [...measured.flatMap(({ create, restore }) => [create, restore]), slow.restore];
  const kinds = new Set(all.flatMap(({ counts }) => [...counts.keys()]));
  const row = (count: (traced: Traced) => number): string[] => [
    ...(['create', 'restore'] as const).flatMap((verb) => {
      const counts = measured.map((pair) => count(pair[verb]));
      return [...counts.map(String), slopeOf(measured, counts)];
    }),
    String(count(slow.restore)),
  ];
  const times = (['create', 'restore'] as const).flatMap((verb) => [
    ...measured.map((pair) => durationText(pair[verb].elapsedMs)),
    '',
  ]);
  return [
    ...[...kinds].sort().map((kind) => [...cellsOf(kind), ...row(({ counts }) => counts.get(kind) ?? 0)]),
    ['**all**', '', ...row(totalOf)],
    ['time', '', ...times, durationText(slow.restore.elapsedMs)],
  ];
}

function cellsOf(kind: string): string[] {
  const [verb = '', ...resource] = kind.split(' ');
  return [verb, resource.join(' ')];
}

/** Requests for each claim more, between the smallest and the largest size. */
function slopeOf(measured: Pair[], counts: number[]): string {
  const claims = (measured.at(-1)?.size ?? 0) - (measured[0]?.size ?? 0);
  return claims === 0 ? '' : (((counts.at(-1) ?? 0) - (counts[0] ?? 0)) / claims).toFixed(2);
}

function totalOf({ counts }: Traced): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
