/** What `get` costs beside kubectl, from a few contents to many. */
import { join } from 'node:path';
import { rotated, sizesUpTo, type Bench, type Part } from './bench.ts';
import { peakOf, type Peak } from './peak.ts';
import { installProgram } from './program.ts';
import { untilQuiet } from './quiet.ts';
import { megabytesText, spreadMs, timesBase } from './statistics.ts';

const sizes = [10, 1000, 10_000];
/** Creations under way at once. */
const AT_ONCE = 16;
const lines = ['', '-o name', '-o json', '-o yaml', '--sort-by=.metadata.name', '-A --show-labels'];

export const get: Part = {
  name: 'get',
  title: 'Lists beside kubectl',
  about:
    '`get vsc` with so many VolumeSnapshotContents in the cluster, the packaged program and kubectl in turns. Memory is the most that a ' +
    'process ever held (VmHWM). Ratios are the medians of the runs’ own ratios: below 1x is less than kubectl. "Per ' +
    'content" is the time that each further content costs from the second largest size to the largest: where it grew ' +
    'with the size, something would be quadratic. API limits: raised.',
  columns: () => [
    'command',
    'contents',
    'kubectl',
    'here',
    'time',
    'kubectl',
    'here',
    'memory',
    'per content: kubectl',
    'here',
  ],
  clusters: ['raised'],
  measure: async function* (bench) {
    const program = await installProgram(bench.cluster.directory);
    const before = new Map<string, { size: number; both: Both }>();
    let made = 0;
    for (const size of sizesUpTo(bench.maxClaims, sizes)) {
      bench.say(`get: making contents, ${size} in all`);
      await makeContents(bench, made, size);
      made = size;
      await untilQuiet(bench);
      for (const line of lines) {
        const both = await measured(bench, program, line === '' ? [] : line.split(' '));
        const smaller = before.get(line);
        before.set(line, { size, both });
        bench.say(
          `get: get vsc ${line}, ${size}: ${spreadMs(timesOf(both.pvsnap))}, kubectl ${spreadMs(timesOf(both.kubectl))}`,
        );
        yield rowOf(line, { size, both }, smaller);
      }
    }
  },
};

interface Both {
  kubectl: Peak[];
  pvsnap: Peak[];
}

/** Side by side, as no controller of the cluster takes an interest in them: their driver is nobody's. */
async function makeContents({ api, signal }: Bench, from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index).values();
  const worker = async (): Promise<void> => {
    for (const number of numbers) {
      signal.throwIfAborted();
      await api.create(content(number));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

function content(number: number): { kind: string; [field: string]: unknown } {
  const name = `snapcontent-${String(number).padStart(8, '0')}-6a36-49ee-9908-5d5cd13498fc`;
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotContent',
    metadata: { name, labels: { app: 'bench', tier: String(number % 10) } },
    spec: {
      deletionPolicy: 'Retain',
      driver: 'nobody.serves.this',
      source: { snapshotHandle: `handle-${number}` },
      volumeSnapshotRef: { name: `snapshot-data-${number}`, namespace: 'nowhere' },
    },
  };
}

/** One run of each before, which isn't counted: both keep what they learn at their first start. */
async function measured(bench: Bench, program: string, flags: readonly string[]): Promise<Both> {
  const { cluster, before, signal } = bench;
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig };
  const words = ['get', 'vsc', ...flags];
  const cache = ['--cache-dir', join(cluster.directory, 'kubectl-cache')];
  const runs = {
    kubectl: () => peakOf(join(cluster.programs, 'kubectl'), [...words, ...cache], { env, before, signal }),
    pvsnap: () => peakOf(program, words, { env, before, signal }),
  };
  const [ours, kubectls] = [await runs.pvsnap(), await runs.kubectl()];
  checkAlike(words, ours, kubectls);
  const both: Both = { kubectl: [], pvsnap: [] };
  for (let run = 0; run < bench.runs; run++) {
    for (const who of rotated(['kubectl', 'pvsnap'] as const, run)) both[who].push(await runs[who]());
  }
  return both;
}

/** Ages tick between the two, and may be a character longer. @throws Error where it can't be that */
function checkAlike(words: readonly string[], ours: Peak, kubectls: Peak): void {
  const difference = Math.abs(ours.stdoutBytes - kubectls.stdoutBytes) / kubectls.stdoutBytes;
  if (difference > 0.05)
    throw new Error(`${words.join(' ')}: ${ours.stdoutBytes} bytes, kubectl ${kubectls.stdoutBytes}`);
}

interface Sized {
  size: number;
  both: Both;
}

function rowOf(line: string, { size, both }: Sized, smaller: Sized | undefined): string[] {
  const { kubectl, pvsnap } = both;
  const perContent = (who: keyof Both): string => {
    if (smaller === undefined || smaller.size === size) return '';
    const fastest = (runs: readonly Peak[]): number => Math.min(...timesOf(runs));
    return spreadMs([(fastest(both[who]) - fastest(smaller.both[who])) / (size - smaller.size)]);
  };
  return [
    `\`get vsc${line === '' ? '' : ` ${line}`}\``,
    String(size),
    spreadMs(timesOf(kubectl)),
    spreadMs(timesOf(pvsnap)),
    timesBase(timesOf(pvsnap), timesOf(kubectl)),
    megabytesText(memoryOf(kubectl)),
    megabytesText(memoryOf(pvsnap)),
    timesBase(memoryOf(pvsnap), memoryOf(kubectl)),
    perContent('kubectl'),
    perContent('pvsnap'),
  ];
}

function timesOf(runs: readonly Peak[]): number[] {
  return runs.map(({ elapsedMs }) => elapsedMs);
}

function memoryOf(runs: readonly Peak[]): number[] {
  return runs.map(({ memoryBytes }) => memoryBytes);
}
