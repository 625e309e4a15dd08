/** What the packaged program takes from its start to its end, beside kubectl. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { rotated, type Bench, type Part } from './bench.ts';
import { peakOf, type Peak } from './peak.ts';
import { plotSvg, type Line } from './plot.ts';
import { installProgram } from './program.ts';
import { durationText, median, megabytesText, spreadMs, timesBase } from './statistics.ts';

const sizes = [10, 100, 1000, 10_000];
const RUNS_PER_ROUND = 10;
const TOGETHER = 20;

export const startup: Part = {
  name: 'startup',
  title: 'Start',
  about:
    'Whole processes, the packaged program and the plain kubectl of the pins one after the other, each first in every ' +
    'other run. Warm: both have run before. Cold: neither finds what it keeps between runs (kubectl: what the server ' +
    'offers). Lists are of VolumeSnapshotClasses, which no controller looks at. Memory is the most that a process ever ' +
    'held (VmHWM). Ratios are the medians of those of each run; below 1 is less than kubectl.',
  columns: () => ['what', '', 'runs', 'here', 'kubectl', 'time', 'here', 'kubectl', 'memory'],
  clusters: ['raised'],
  measure: async function* (bench) {
    const program = await installProgram(bench.cluster.directory);
    const lists: Measured[] = [];
    let made = 0;
    for (const command of commands) {
      await makeClasses(bench, made, command.size);
      made = Math.max(made, command.size);
      for (const state of ['warm', 'cold'] as const) {
        const measured = await measure(bench, program, command, state);
        if (command.what.startsWith('`get`')) lists.push(measured);
        yield rowOf(bench, measured);
      }
    }
    await bench.save('start.svg', plotOf(lists));
  },
};

interface Command {
  what: string;
  /** How many objects there are. */
  size: number;
  ours: string[];
  /** kubectl's words, with the folder of its cache where it takes one. */
  theirs: (cache: string) => string[];
}

const list = ['get', 'vsclass'];
const commands: readonly Command[] = [
  { what: '`--version`', size: 0, ours: ['--version'], theirs: () => ['version', '--client'] },
  { what: '`--help`', size: 0, ours: ['--help'], theirs: () => ['--help'] },
  {
    what: 'completion of a name, of 10',
    size: 10,
    ours: ['__complete', ...list, 'bench-0000'],
    theirs: (cache) => ['__complete', '--cache-dir', cache, ...list, 'bench-0000'],
  },
  ...sizes.map((size) => ({
    what: `\`get\` of ${size.toLocaleString('en')}`,
    size,
    ours: list,
    theirs: (cache: string) => [...list, '--cache-dir', cache],
  })),
];

type State = 'warm' | 'cold';
type Who = 'here' | 'kubectl';

interface Measured {
  command: Command;
  state: State;
  peaks: Record<Who, Peak[]>;
}

async function measure(bench: Bench, program: string, command: Command, state: State): Promise<Measured> {
  const { cluster, before, signal } = bench;
  const folders: string[] = [];
  const newFolder = async (): Promise<string> => {
    const folder = await mkdtemp(join(cluster.directory, 'kept-'));
    folders.push(folder);
    return folder;
  };
  const warm = await newFolder();
  const run = async (who: Who): Promise<Peak> => {
    const kept = state === 'warm' ? warm : await newFolder();
    const env = { ...process.env, KUBECONFIG: cluster.kubeconfig, XDG_CACHE_HOME: kept };
    return who === 'here'
      ? peakOf(program, command.ours, { env, before, signal })
      : peakOf(join(cluster.programs, 'kubectl'), command.theirs(kept), { env, before, signal });
  };
  const peaks: Measured['peaks'] = { here: [], kubectl: [] };
  const runs = command.size > 1000 ? bench.runs : bench.runs * RUNS_PER_ROUND;
  // The first of each fills caches, that of the file system too, and isn't counted.
  for (let round = -1; round < runs; round++) {
    for (const who of rotated(['here', 'kubectl'] as const, Math.max(round, 0))) {
      const peak = await run(who);
      if (round >= 0) peaks[who].push(peak);
    }
  }
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
  return { command, state, peaks };
}

function rowOf(bench: Bench, { command, state, peaks }: Measured): string[] {
  const [ownMs, theirMs] = [timesOf(peaks.here), timesOf(peaks.kubectl)];
  const [ownBytes, theirBytes] = [memoryOf(peaks.here), memoryOf(peaks.kubectl)];
  const [time, memory] = [timesBase(ownMs, theirMs), timesBase(ownBytes, theirBytes)];
  bench.say(`startup: ${command.what}, ${state}: ${time} of kubectl's time, ${memory} of its memory`);
  const runs = String(ownMs.length);
  const [times, bytes] = [[ownMs, theirMs].map(spreadMs), [ownBytes, theirBytes].map(megabytesText)];
  return [command.what, state, runs, ...times, time, ...bytes, memory];
}

function plotOf(lists: readonly Measured[]): string {
  const lineOf = (who: Who, state: State): Line => ({
    name: `${who === 'here' ? 'kubectl pvsnap' : 'kubectl'}, ${state}`,
    colour: who === 'here' ? '#0a6e31' : '#b3410e',
    isDashed: state === 'cold',
    points: lists
      .filter((measured) => measured.state === state)
      .map(({ command, peaks }) => ({ x: command.size, y: median(timesOf(peaks[who])) })),
  });
  return plotSvg({
    title: 'Time of get, from the start of the process to its end',
    xTitle: 'VolumeSnapshotClasses in the cluster',
    lines: [lineOf('here', 'warm'), lineOf('here', 'cold'), lineOf('kubectl', 'warm'), lineOf('kubectl', 'cold')],
    yText: (ms) => durationText(ms).replace(/\.0+(?= )/, ''),
  });
}

function timesOf(peaks: readonly Peak[]): number[] {
  return peaks.map(({ elapsedMs }) => elapsedMs);
}

function memoryOf(peaks: readonly Peak[]): number[] {
  return peaks.map(({ memoryBytes }) => memoryBytes);
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
