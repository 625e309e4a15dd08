/** How long the packaged program takes from its start to its end, beside kubectl. */
import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rotated, type Bench, type Part } from './bench.ts';
import { spreadMs, timesBase } from './statistics.ts';

const program = join(import.meta.dirname, '..', '..', 'dist', 'kubectl-pvsnap');
const sizes = [10, 1000, 10_000];
const RUNS_PER_ROUND = 10;
const TOGETHER = 20;

export const startup: Part = {
  name: 'startup',
  title: 'Start',
  about:
    'Wall time of whole processes: the packaged program (`npm run build`) and the plain kubectl of the pins, one after the ' +
    'other, each first in every other run. Lists are of VolumeSnapshotClasses, which no controller looks at. The ratio is ' +
    'the median of those of each run; below 1 the program is faster.',
  columns: () => ['what', 'runs', 'program', 'kubectl', 'ratio'],
  clusters: ['raised'],
  measure: async function* (bench) {
    await access(program);
    const runs = bench.runs * RUNS_PER_ROUND;
    yield await row(bench, runs, '`--version`', ['--version'], ['version', '--client']);
    yield await row(bench, runs, '`--help`', ['--help'], ['--help']);
    let made = 0;
    for (const size of sizes) {
      await makeClasses(bench, made, size);
      made = size;
      const words = ['get', 'vsclass'];
      yield await row(bench, size > 1000 ? bench.runs : runs, `\`get\` of ${size.toLocaleString('en')}`, words, words);
    }
  },
};

async function row(bench: Bench, runs: number, what: string, ours: string[], theirs: string[]): Promise<string[]> {
  const { programs, directory, kubeconfig } = bench.cluster;
  // Before help, kubectl takes any flag for the name of a plugin.
  const cache = theirs.includes('--help') ? [] : ['--cache-dir', join(directory, 'kubectl-cache')];
  const kubectl = [join(programs, 'kubectl'), ...theirs, ...cache];
  const ways = [
    { words: [program, ...ours], timesMs: [] as number[] },
    { words: kubectl, timesMs: [] as number[] },
  ] as const;
  // The first of each fills caches: kubectl's, and that of files.
  for (let run = -1; run < runs; run++) {
    for (const { words, timesMs } of rotated(ways, Math.max(run, 0))) {
      bench.signal.throwIfAborted();
      const elapsedMs = await timed(words, kubeconfig);
      if (run >= 0) timesMs.push(elapsedMs);
    }
  }
  const [own, other] = [ways[0].timesMs, ways[1].timesMs];
  bench.say(`startup: ${what}: ${timesBase(own, other)} of kubectl`);
  return [what, String(runs), spreadMs(own), spreadMs(other), timesBase(own, other)];
}

async function timed([file = '', ...args]: readonly string[], kubeconfig: string): Promise<number> {
  const startedAtMs = performance.now();
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  await promisify(execFile)(file, args, { env, maxBuffer: 256 * 1024 ** 2 });
  return performance.now() - startedAtMs;
}

async function makeClasses({ api, signal }: Bench, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += TOGETHER) {
    signal.throwIfAborted();
    const count = Math.min(TOGETHER, to - first);
    await Promise.all(Array.from({ length: count }, (_, index) => api.create(snapshotClass(first + index))));
  }
}

function snapshotClass(ordinal: number): Parameters<Bench['api']['create']>[0] {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotClass',
    metadata: { name: `bench-${String(ordinal).padStart(5, '0')}` },
    driver: 'bench.example.com',
    deletionPolicy: 'Delete',
  };
}
