/** Velero beside the program: how close together snapshots are, and what a restore of the same backup takes. */
import type { KubeObject } from '../../test/cluster/api.ts';
import { listOf } from '../../test/cluster/operators/objects.ts';
import { useNamespace, type Lifetime, type TestNamespace } from '../../test/cluster/namespace.ts';
import { openVeleroIn } from '../../test/cluster/velero.ts';
import { sizesUpTo, type Bench, type Part } from './bench.ts';
import { timeout } from './commands.ts';
import { openNamespace } from './namespace.ts';
import { measureDown } from './pods.ts';
import { untilQuiet } from './quiet.ts';
import { durationText, spreadMs } from './statistics.ts';
import { checkData, deploy, workload, writeData, type Workload } from './workload.ts';

const CLAIMS = 6;
const ended = ['Completed', 'PartiallyFailed', 'Failed', 'FailedValidation'];

export const velero: Part = {
  name: 'velero',
  title: 'Velero, alone and with the program',
  about:
    'A real Velero 1.18.3 with its plugin for AWS over versitygw, a StatefulSet with a claim per pod, API limits raised. ' +
    'As installed is `velero server --features=EnableCSI`; tuned is with `--item-block-worker-count=6` and ' +
    '`CSI_SNAPSHOT_EARLY_FREQUENT_POLLING=true`. Of a backup, time is until it has ended, and skew that of the ' +
    "driver's own times. Restores are of a backup of the tuned server. Velero restores nothing while the claims are " +
    'there: by itself, the StatefulSet and the claims are deleted first, and it is scaled up after, since Velero leaves it at ' +
    '0. Down is measured from outside. Left behind are snapshots and contents in the cluster after the restore.',
  columns: () => ['what', 'claims', 'runs', 'time', 'skew', 'down', 'undo', 'left behind'],
  clusters: ['raised'],
  measure: async function* (bench) {
    const [size = CLAIMS] = sizesUpTo(bench.maxClaims, [CLAIMS]);
    yield* await withVelero(bench, true, async (home) => [
      row('backup by Velero as installed', size, await times(bench, () => backUp(bench, home, size))),
    ]);
    yield* await withVelero(bench, false, async (home) => [
      row('backup by Velero, tuned', size, await times(bench, () => backUp(bench, home, size))),
      row('`pvsnap create --velero`, the same server', size, await times(bench, () => backUpWith(bench, home, size))),
      row('`pvsnap create`', size, await times(bench, () => create(bench, size))),
      row('restore by Velero', size, await times(bench, () => restore(bench, home, size, byVelero))),
      row('`pvsnap restore velero/BACKUP`', size, await times(bench, () => restore(bench, home, size, inPlace))),
    ]);
  },
};

interface Measured {
  timeMs: number;
  skewMs?: number;
  downMs?: number;
  undoMs?: number;
  left?: number;
}

async function times(bench: Bench, measure: () => Promise<Measured>): Promise<Measured[]> {
  const results: Measured[] = [];
  for (let run = 0; run < bench.runs; run++) {
    await untilQuiet(bench);
    const result = await measure();
    bench.say(`velero, run ${run + 1} of ${bench.runs}: ${durationText(result.timeMs)}`);
    results.push(result);
  }
  return results;
}

function row(what: string, size: number, results: Measured[]): string[] {
  const column = (key: keyof Measured): string => {
    const values = results.flatMap((result) => result[key] ?? []);
    return values.length === 0 ? '' : spreadMs(values);
  };
  const [{ left } = {}] = results;
  return [
    ...[what, String(size), String(results.length)],
    ...(['timeMs', 'skewMs', 'downMs', 'undoMs'] as const).map(column),
    left === undefined ? '' : `${left} objects`,
  ];
}

/** The server, and with it what it is for, is there only as long. */
async function withVelero(
  bench: Bench,
  asInstalled: boolean,
  work: (home: TestNamespace) => Promise<string[][]>,
): Promise<string[][]> {
  const ends: (() => Promise<void>)[] = [];
  const lifetime: Lifetime = { after: (end) => void ends.unshift(end) };
  const { cluster, api } = bench;
  try {
    const open = async (): Promise<TestNamespace> => useNamespace(lifetime, cluster, api, await openNamespace(bench));
    const { home } = await openVeleroIn(lifetime, open, { asInstalled });
    return await work(home);
  } finally {
    for (const end of ends) await end();
  }
}

async function prepare(bench: Bench, size: number): Promise<Workload> {
  const stage = await deploy(bench, size);
  await writeData(bench, stage, 'of the set');
  await untilQuiet(bench);
  return stage;
}

async function backUp(bench: Bench, home: TestNamespace, size: number): Promise<Measured> {
  const { namespace, commands } = await prepare(bench, size);
  const startedAtMs = performance.now();
  await runBackup(home, namespace);
  const timeMs = performance.now() - startedAtMs;
  return { timeMs, skewMs: skewOf(await commands.pvsnap('describe', `set/velero/${namespace}`)) };
}

async function backUpWith(bench: Bench, home: TestNamespace, size: number): Promise<Measured> {
  const { namespace, commands } = await prepare(bench, size);
  const made = await commands.pvsnap('create', '--velero', '--name', namespace, '--velero-namespace', home.name);
  return { timeMs: made.elapsedMs, skewMs: skewOf(await commands.pvsnap('describe', `set/velero/${namespace}`)) };
}

async function create(bench: Bench, size: number): Promise<Measured> {
  const { namespace, commands } = await prepare(bench, size);
  const made = await commands.pvsnap('create', `statefulset/${workload}`, '--name', namespace);
  return { timeMs: made.elapsedMs, skewMs: skewOf(await commands.pvsnap('describe', `set/${namespace}`)) };
}

/** As `describe` says it. */
function skewOf({ stdout }: { stdout: string }): number {
  const [, amount = '', unit] = /^Skew: +([\d.]+) (ms|s)$/m.exec(stdout) ?? [];
  return Number(amount) * (unit === 's' ? 1000 : 1);
}

/** A backup has the name of the namespace that it is of. */
async function runBackup(home: TestNamespace, namespace: string): Promise<void> {
  await runToEnd(home, 'Backup', namespace, { includedNamespaces: [namespace] });
}

async function runToEnd(home: TestNamespace, kind: 'Backup' | 'Restore', name: string, spec: object): Promise<void> {
  await home.apply([{ apiVersion: 'velero.io/v1', kind, metadata: { name }, spec }]);
  const isEnded = ({ status }: KubeObject & { status?: { phase?: string } }): boolean =>
    ended.includes(status?.phase ?? '');
  const watched = { kind, namespace: home.name, fields: { 'metadata.name': name } };
  await home.api.watchUntil(watched, isEnded, AbortSignal.timeout(10 * 60_000));
}

/** @returns how long an undo took, where there is one */
type Way = (stage: Workload, home: TestNamespace) => Promise<(() => Promise<number>) | undefined>;

async function restore(bench: Bench, home: TestNamespace, size: number, way: Way): Promise<Measured> {
  const stage = await prepare(bench, size);
  const { namespace } = stage;
  await runBackup(home, namespace);
  await writeData(bench, stage, 'of the disaster');
  await untilQuiet(bench);
  const startedAtMs = performance.now();
  const timed = async (): Promise<{ timeMs: number; undo: Awaited<ReturnType<Way>> }> => {
    const undo = await way(stage, home);
    return { timeMs: performance.now() - startedAtMs, undo };
  };
  const { downMs, result } = await measureDown(bench, namespace, size, timed);
  await checkData(bench, stage, 'of the set');
  const left = await leftIn(bench, namespace);
  const undoMs = await result.undo?.();
  if (undoMs !== undefined) await checkData(bench, stage, 'of the disaster');
  return { timeMs: result.timeMs, downMs, left, ...(undoMs !== undefined && { undoMs }) };
}

async function byVelero({ commands, namespace, claims }: Workload, home: TestNamespace): Promise<undefined> {
  await commands.kubectl('delete', `statefulset/${workload}`, `--timeout=${timeout}`);
  await commands.kubectl('delete', 'pvc', '--all', `--timeout=${timeout}`);
  await runToEnd(home, 'Restore', namespace, { backupName: namespace });
  await commands.kubectl('scale', `statefulset/${workload}`, `--replicas=${claims.length}`);
  await commands.kubectl('rollout', 'status', `statefulset/${workload}`, `--timeout=${timeout}`);
}

async function inPlace({ commands, namespace }: Workload): Promise<() => Promise<number>> {
  await commands.pvsnap('restore', `velero/${namespace}`, '--yes', '--timeout', timeout);
  return async () => (await commands.pvsnap('undo', '--yes', '--timeout', timeout)).elapsedMs;
}

interface Referring extends KubeObject {
  spec: { volumeSnapshotRef: { namespace: string } };
}

async function leftIn({ api }: Bench, namespace: string): Promise<number> {
  const [snapshots, contents] = await Promise.all([
    listOf(api, 'VolumeSnapshot', namespace),
    listOf<Referring>(api, 'VolumeSnapshotContent'),
  ]);
  return snapshots.length + contents.filter(({ spec }) => spec.volumeSnapshotRef.namespace === namespace).length;
}
