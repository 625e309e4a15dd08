/** The story in its order. */
import { connect, type Api } from '../../test/cluster/api.ts';
import type { ClusterFacts } from '../../test/cluster/facts.ts';
import type { Lifetime } from '../../test/cluster/namespace.ts';
import type { EventStreamsOperator } from '../../test/cluster/operators/event-streams.ts';
import { retry } from '../../test/cluster/retry.ts';
import { checkBack, checkGone, checkParked, checkRestored } from './checks.ts';
import { commandsFor, type Commands } from './commands.ts';
import type { Bound } from './kafka.ts';
import { boundVolumes, deploy, namespace, watchDowntime, workloads } from './kafka.ts';
import { operatorNamespace, startOperator } from './operator.ts';
import { say, sayHeading } from './say.ts';
import type { Tree } from './tree.ts';
import { amountOf, fill, readTrees, spoil } from './tree.ts';
import { tellVeleroAct } from './velero-act.ts';

const inNamespace = ['-n', namespace];
const set = 'before-upgrade';
const size = '8Gi';
const watchLagMs = 5000;
const startLagMs = 10_000;

/** @throws Error with everything that differs from what it should be; the signal's reason */
export async function tellStory(
  cluster: ClusterFacts,
  signal: AbortSignal,
  { withVelero }: { withVelero: boolean },
): Promise<void> {
  const api = connect(cluster.credentials);
  const commands = commandsFor(cluster, signal);
  const ends: (() => Promise<void>)[] = [];
  try {
    await layOut(api, commands, signal);
    const lifetime: Lifetime = { after: (end) => void ends.unshift(end) };
    const operator = await startOperator(lifetime, cluster, api);
    await sayWhoActs(operator, commands);
    const former = await boundVolumes(api, cluster);
    await Promise.all(former.map(fill));
    const trees = await readTrees(former);
    say(`Each of the ${former.length} volumes has data now: ${amountOf(trees)} in all.`);

    await take(commands);
    sayHeading('The disaster: files are overwritten, deleted and added in every volume');
    await Promise.all(former.map(spoil));
    const spoiled = await readTrees(former);
    say(`None of the ${former.length} volumes holds what the set was taken of any more.`);

    const downMs = await restore(api, commands, signal);
    sayHeading('Is it all there?');
    await checkRestored(await boundVolumes(api, cluster), { former, size, trees });
    say(`All ${former.length} claims have ${size} now, and every byte of the set: ${amountOf(trees)}.`);
    await checkParked(api, former, spoiled);
    say(`All ${former.length} former volumes are parked, with the data of the disaster as it was.\n`);
    await commands.kubectl('get', 'pv', '-L', 'pvsnap.io/role');
    await goBackAndForth(api, commands, cluster, { former, spoiled, trees });
    await checkNobodyInterfered(operator);
    say(`Skew:     ${Math.round(await skewMs(commands))} ms between the first of the six snapshots and the last`);
    say(`Downtime: ${Math.round(downMs)} ms from the first scale to 0 until all pods were ready, seen from outside`);
    if (withVelero) {
      await tellVeleroAct({ lifetime, cluster, api, commands, size });
      await checkNobodyInterfered(operator);
    }
  } finally {
    for (const end of ends) await end();
    api.close();
  }
}

/** It puts replicas back within milliseconds: the restore has to stop it first. */
async function sayWhoActs({ deployment, kind }: EventStreamsOperator, { kubectl }: Commands): Promise<void> {
  sayHeading('An operator looks after both: whoever scales one of them to 0 sees it back at once');
  await kubectl('get', 'deployments', '-n', operatorNamespace);
  const [group = ''] = kind.apiVersion.split('/');
  await kubectl('get', `eventstreams.${group}`, ...inNamespace);
  say(`${deployment} is stopped by each restore and undo of what follows, and started again.`);
}

/** @throws Error when the operator put replicas back in the middle of a swap */
async function checkNobodyInterfered({ acts, running }: EventStreamsOperator): Promise<void> {
  if (acts.length > 0) throw new Error(`the operator has interfered: ${acts.join(', ')}`);
  // Its pod is ready a moment before its program runs.
  const isRunning = (): void => {
    if (running().length === 0) throw new Error('the operator was not started again');
  };
  await retry(
    () => Promise.resolve().then(isRunning),
    () => true,
    AbortSignal.timeout(startLagMs),
  ).catch(isRunning);
  say('The operator runs again, and had nothing to put back.');
}

async function layOut(api: Api, { kubectl }: Commands, signal: AbortSignal): Promise<void> {
  sayHeading('A Kafka of two StatefulSets, three pods each: one class binds at once, the other waits for a pod');
  await deploy(api, signal);
  await kubectl('get', 'statefulsets,persistentvolumeclaims', ...inNamespace);
}

async function take({ pvsnap }: Commands): Promise<void> {
  sayHeading('A set of all six, taken together');
  await pvsnap('create', ...workloads.map((name) => `statefulset/${name}`), '--name', set, ...inNamespace);
  await pvsnap('get', 'sets', ...inNamespace);
  await pvsnap('get', 'vs', ...inNamespace);
  await pvsnap('get', 'vsc');
}

/** @returns how long the workload was down, in milliseconds */
async function restore(api: Api, { pvsnap }: Commands, signal: AbortSignal): Promise<number> {
  sayHeading('Back to the set, in place, with twice the room');
  const giveUp = new AbortController();
  const run = async (): Promise<void> => {
    try {
      await pvsnap('restore', set, '--size', size, '--yes', ...inNamespace);
    } catch (error) {
      giveUp.abort(error);
      throw error;
    }
    // All is ready by now, and only the watch's last event may be on its way.
    const tooLate = new Error(
      'the program says that all is restored, but not every StatefulSet was stopped and started',
    );
    setTimeout(() => {
      giveUp.abort(tooLate);
    }, watchLagMs).unref();
  };
  const [downMs] = await Promise.all([watchDowntime(api, AbortSignal.any([signal, giveUp.signal])), run()]);
  return downMs;
}

interface Data {
  former: readonly Bound[];
  spoiled: readonly Tree[];
  trees: readonly Tree[];
}

/** Was the restore a mistake? It can be undone, and so can the undo, until somebody commits. */
async function goBackAndForth(
  api: Api,
  { pvsnap, kubectl }: Commands,
  cluster: ClusterFacts,
  { former, spoiled, trees }: Data,
): Promise<void> {
  const restored = await boundVolumes(api, cluster);
  sayHeading('The restore was a mistake? Undo it');
  await pvsnap('undo', '--yes', ...inNamespace);
  await checkBack(await boundVolumes(api, cluster), former, spoiled);
  say('Every claim has its former volume and size again, with the data of the disaster.');
  sayHeading('It was not? Undo the undo, and delete what is no longer needed');
  await pvsnap('undo', '--yes', ...inNamespace);
  await checkBack(await boundVolumes(api, cluster), restored, trees);
  say('Every claim has its restored volume again, with every byte of the set.\n');
  await pvsnap('commit', '--yes', ...inNamespace);
  await kubectl('get', 'pv', '-L', 'pvsnap.io/role');
  await checkGone(api, former);
}

/** From the driver's own times, which the contents have to the nanosecond. */
async function skewMs({ askPvsnap }: Commands): Promise<number> {
  const { status } = JSON.parse(await askPvsnap('get', 'sets', set, '-o', 'json', ...inNamespace)) as {
    status: { skewMs: number };
  };
  return status.skewMs;
}
