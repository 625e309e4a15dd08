/** How close together the snapshots of several claims are cut, and when all are ready. */
import { claim, snapshot } from '../../test/cluster/objects.ts';
import { rotated, sizesUpTo, type Bench, type Part } from './bench.ts';
import { commandsIn, timeout, type Commands } from './commands.ts';
import { openNamespace } from './namespace.ts';
import { untilQuiet } from './quiet.ts';
import { durationText, spreadMs, timesBase } from './statistics.ts';

const sizes = [6, 100];
/** At the default limits a run with this many claims takes minutes: it is measured once. */
const MANY = 50;
const labels = { app: 'bench' };

export const skew: Part = {
  name: 'skew',
  title: 'Skew, and time until all are ready',
  about:
    'Every run takes snapshots of the same claims in all three ways, one after the other, in an order that changes from ' +
    "run to run, and with a rest between them. Skew is the newest minus the oldest `status.creationTime` (the driver's, " +
    'in nanoseconds) of the contents. Time is that of the commands, from the start of the first until the last has ' +
    'seen all ready. Ratios are of the same run, to the program.\n\n' +
    'API limits of snapshot-controller and the sidecars: raised is QPS 100, burst 200; default is QPS 5, burst 10.',
  columns: () => ['API limits', 'claims', 'runs', 'way', 'skew', 'ratio', 'time until all ready', 'ratio'],
  clusters: ['raised', 'default'],
  measure: async function* (bench) {
    await warmUp(bench);
    for (const size of sizesUpTo(bench.maxClaims, sizes)) {
      const commands = await openClaims(bench, size);
      const runs = bench.apiLimits === 'default' && size > MANY ? 1 : bench.runs;
      const results = await runAll(bench, commands, size, runs);
      yield* rowsOf(bench, size, results);
    }
  },
};

interface Way {
  name: string;
  /** Does what need not be timed. @returns the timed part, which ends when all are ready */
  prepare: (commands: Commands, claims: string[], prefix: string) => Promise<() => Promise<unknown>>;
}

const isReady = ['--for=jsonpath={.status.readyToUse}=true', `--timeout=${timeout}`];

const ways: Way[] = [
  {
    name: '`pvsnap create`',
    prepare: ({ pvsnap }, _, prefix) =>
      Promise.resolve(() => pvsnap('create', '-l', 'app=bench', '--name', prefix, '--timeout', timeout)),
  },
  {
    name: 'one `kubectl create` with all in one file, `kubectl wait`',
    prepare: async ({ kubectl, writeManifest }, claims, prefix) => {
      const file = await writeManifest(claims.map((name) => snapshot(`${prefix}-${name}`, name)));
      return async () => {
        await kubectl('create', '-f', file);
        await kubectl('wait', ...isReady, '-f', file);
      };
    },
  },
  {
    name: 'a `kubectl create` per manifest, as in the article, `kubectl wait`',
    prepare: async ({ kubectl, writeManifest }, claims, prefix) => {
      const snapshots = claims.map((name) => snapshot(`${prefix}-${name}`, name));
      const files = await Promise.all(snapshots.map((object) => writeManifest([object])));
      const all = await writeManifest(snapshots);
      return async () => {
        for (const file of files) await kubectl('create', '-f', file);
        await kubectl('wait', ...isReady, '-f', all);
      };
    },
  },
];

interface Result {
  skewMs: number;
  readyMs: number;
}

/** The first snapshot of an API server takes seconds, and kubectl's first command asks what the server offers. */
async function warmUp(bench: Bench): Promise<void> {
  bench.say('skew: warming up');
  const commands = await openClaims(bench, 1);
  for (const way of ways) await runOnce(bench, commands, way, 1, 0);
}

/** @returns commands in a namespace with so many bound claims */
async function openClaims(bench: Bench, size: number): Promise<Commands> {
  const namespace = await openNamespace(bench);
  const commands = commandsIn(namespace, bench);
  const { kubectl, writeManifest } = commands;
  await kubectl('create', '-f', await writeManifest(claimNames(size).map((name) => claim(name, { labels }))));
  await kubectl('wait', '--for=jsonpath={.status.phase}=Bound', 'pvc', '--all', `--timeout=${timeout}`);
  return commands;
}

function claimNames(size: number): string[] {
  return Array.from({ length: size }, (_, ordinal) => `data-${ordinal}`);
}

async function runAll(bench: Bench, commands: Commands, size: number, runs: number): Promise<Map<Way, Result[]>> {
  const results = new Map<Way, Result[]>(ways.map((way) => [way, []]));
  for (let run = 0; run < runs; run++) {
    for (const way of rotated(ways, run)) {
      await untilQuiet(bench);
      const result = await runOnce(bench, commands, way, size, run);
      results.get(way)?.push(result);
      const text = `skew ${durationText(result.skewMs)}, all ready in ${durationText(result.readyMs)}`;
      bench.say(`skew, ${bench.apiLimits} limits, ${size} claims, run ${run + 1} of ${runs}: ${text}: ${way.name}`);
    }
  }
  return results;
}

async function runOnce(bench: Bench, commands: Commands, way: Way, size: number, run: number): Promise<Result> {
  const former = await creationTimesNs(commands);
  const work = await way.prepare(commands, claimNames(size), `take-${ways.indexOf(way)}-${run}`);
  bench.signal.throwIfAborted();
  const startedAtMs = performance.now();
  await work();
  const readyMs = performance.now() - startedAtMs;
  const times = [...(await creationTimesNs(commands))].filter(([name]) => !former.has(name)).map(([, ns]) => ns);
  if (times.length !== size) throw new Error(`${way.name} made ${times.length} snapshots of ${size} claims`);
  const sorted = times.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return { skewMs: Number((sorted.at(-1) ?? 0n) - (sorted[0] ?? 0n)) / 1e6, readyMs };
}

/** By uid of the snapshot. Read as text: a number of JavaScript can't hold nanoseconds since 1970. */
async function creationTimesNs({ kubectl }: Commands): Promise<Map<string, bigint>> {
  const names = await kubectl('get', 'vs', '-o', 'jsonpath={range .items[*]}{.metadata.uid}{"\\n"}{end}');
  const ours = new Set(names.stdout.split('\n'));
  const template = '{range .items[*]}{.spec.volumeSnapshotRef.uid} {.status.creationTime}{"\\n"}{end}';
  const contents = await kubectl('get', 'vsc', '-o', `jsonpath=${template}`);
  const pairs = contents.stdout.split('\n').map((line) => line.split(' '));
  return new Map(pairs.flatMap(([uid = '', ns]) => (ns && ours.has(uid) ? [[uid, BigInt(ns)] as const] : [])));
}

function rowsOf({ apiLimits }: Bench, size: number, results: Map<Way, Result[]>): string[][] {
  const [base = []] = results.values();
  return [...results].map(([way, measured]) => {
    const columns = (['skewMs', 'readyMs'] as const).flatMap((key) => {
      const values = measured.map((result) => result[key]);
      const bases = base.map((result) => result[key]);
      return [spreadMs(values), measured === base ? '' : timesBase(values, bases)];
    });
    return [apiLimits, String(size), String(measured.length), way.name, ...columns];
  });
}
