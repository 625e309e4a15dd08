/** How long a restore keeps the workload down, with storage that provisions at once and with slow storage. */
import { setKnobs } from '../../test/cluster/csi-driver/knobs.ts';
import { claim } from '../../test/cluster/objects.ts';
import { rotated, sizesUpTo, type Bench, type Part } from './bench.ts';
import { timeout } from './commands.ts';
import { measureDown } from './pods.ts';
import { untilQuiet } from './quiet.ts';
import { durationText, spreadMs, timesBase } from './statistics.ts';
import { checkData, deploy, storageClass, workload, writeData, type Workload } from './workload.ts';

const CLAIMS = 6;
const SET = 'bench';
/** With the second, every run takes the better part of a minute: it is measured once. */
const delaysMs = [0, 20_000];

export const downtime: Part = {
  name: 'downtime',
  title: 'Downtime of a restore',
  about:
    "A StatefulSet with a claim per pod is restored from the same kind of set, by the program and in the article's order " +
    'with kubectl (scale to 0, delete the claims, create them from the snapshots, wait until they are Bound, scale up, ' +
    'wait for the rollout). Down is measured from outside, by a watch on the pods: from the first that is asked to end, ' +
    'gone or not ready, until all are ready again. The pods are simulated: they stop and start in no time, so what ' +
    "remains is what the order itself costs. After each run every volume's data is compared with the set's. " +
    'Ratios are of the same run, to the program.\n\n' +
    'The provisioning delay is counted from the first call for a volume. csi-provisioner gives up a call after 10 s and ' +
    'tries again with backoff, so a volume may take somewhat longer than the delay. API limits: raised.',
  columns: () => ['delay', 'claims', 'runs', 'way', 'down', 'ratio', 'down, as the program says', 'whole command'],
  clusters: ['raised'],
  measure: async function* (bench) {
    const [size = CLAIMS] = sizesUpTo(bench.maxClaims, [CLAIMS]);
    bench.say('downtime: warming up');
    for (const way of ways) await runOnce(bench, way, 1, 0);
    for (const delayMs of delaysMs) {
      const results = await runAll(bench, size, delayMs, delayMs > 0 ? 1 : bench.runs);
      yield* rowsOf(size, delayMs, results);
    }
  },
};

interface Way {
  name: string;
  /** @returns how long the program says that the workload was down, in milliseconds, where it says it */
  restore: (stage: Workload) => Promise<number | undefined>;
}

interface Result {
  downMs: number;
  saidMs: number | undefined;
  commandMs: number;
}

const ways: Way[] = [
  {
    name: '`pvsnap restore`',
    restore: async ({ commands: { pvsnap } }) => {
      const { stdout } = await pvsnap('restore', SET, '--yes', '-o', 'json', '--timeout', timeout);
      return (JSON.parse(stdout) as { downtimeMs?: number }).downtimeMs;
    },
  },
  { name: "the article's order, kubectl", restore: restoreAsTheArticle },
];

async function restoreAsTheArticle({ commands, claims }: Workload): Promise<undefined> {
  const { kubectl, writeManifest } = commands;
  const template = '{range .items[*]}{.spec.source.persistentVolumeClaimName} {.metadata.name}{"\\n"}{end}';
  const { stdout } = await kubectl('get', 'vs', '-o', `jsonpath=${template}`);
  const snapshots = new Map(stdout.split('\n').map((line) => line.split(' ') as [string, string]));
  const restored = claims.map((name) => claim(name, { storageClass, snapshot: snapshots.get(name) ?? '' }));
  const file = await writeManifest(restored);
  await kubectl('scale', `statefulset/${workload}`, '--replicas=0');
  // Waits for the pods, too: a claim that is in use stays.
  await kubectl('delete', 'pvc', ...claims, `--timeout=${timeout}`);
  await kubectl('create', '-f', file);
  await kubectl('wait', '--for=jsonpath={.status.phase}=Bound', '-f', file, `--timeout=${timeout}`);
  await kubectl('scale', `statefulset/${workload}`, `--replicas=${claims.length}`);
  await kubectl('rollout', 'status', `statefulset/${workload}`, `--timeout=${timeout}`);
}

async function runAll(bench: Bench, size: number, delayMs: number, runs: number): Promise<Map<Way, Result[]>> {
  const results = new Map<Way, Result[]>(ways.map((way) => [way, []]));
  for (let run = 0; run < runs; run++) {
    for (const way of rotated(ways, run)) {
      const result = await runOnce(bench, way, size, delayMs);
      results.get(way)?.push(result);
      const what = `downtime, delay ${delayMs / 1000} s, ${size} claims, run ${run + 1} of ${runs}`;
      bench.say(`${what}: down for ${durationText(result.downMs)}: ${way.name}`);
    }
  }
  return results;
}

async function runOnce(bench: Bench, way: Way, size: number, delayMs: number): Promise<Result> {
  const stage = await deploy(bench, size);
  const { namespace, commands } = stage;
  await writeData(bench, stage, 'of the set');
  await commands.pvsnap('create', `statefulset/${workload}`, '--name', SET, '--timeout', timeout);
  await writeData(bench, stage, 'of the disaster');
  await setKnobs(bench.cluster.driverState, namespace, { provisionDelayMs: delayMs });
  await untilQuiet(bench);
  const startedAtMs = performance.now();
  const timed = async (): Promise<Omit<Result, 'downMs'>> => {
    const saidMs = await way.restore(stage);
    return { saidMs, commandMs: performance.now() - startedAtMs };
  };
  const { downMs, result } = await measureDown(bench, namespace, size, timed);
  await checkData(bench, stage, 'of the set');
  return { downMs, ...result };
}

function rowsOf(size: number, delayMs: number, results: Map<Way, Result[]>): string[][] {
  const [base = []] = results.values();
  const downs = (measured: Result[]): number[] => measured.map(({ downMs }) => downMs);
  return [...results].map(([way, measured]) => {
    const said = measured.flatMap(({ saidMs }) => saidMs ?? []);
    return [
      ...[`${delayMs / 1000} s`, String(size), String(measured.length), way.name],
      ...[spreadMs(downs(measured)), measured === base ? '' : timesBase(downs(measured), downs(base))],
      said.length > 0 ? spreadMs(said) : '',
      spreadMs(measured.map(({ commandMs }) => commandMs)),
    ];
  });
}
