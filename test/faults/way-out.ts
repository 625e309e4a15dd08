/** After a verb has ended: what its message promises is taken at its word, and the scene is brought to a known state. */
import assert from 'node:assert/strict';
import type { Finished } from '../cluster/namespace.ts';
import { list, recordsOf } from '../e2e/restore-checks.ts';
import { checkState } from './checks.ts';
import type { Scene, State } from './scene.ts';
import { removeSet, setName } from './scene.ts';
import type { Struck } from './strike.ts';
import { pvsnapUnharmed } from './strike.ts';
import type { VerbName } from './verbs.ts';
import { verbs } from './verbs.ts';

/** Which of the two ways out of an open operation is taken. */
export type WayOut = 'resume' | 'undo';

/**
 * Checks that exit code and message told the truth, goes the way out that they name, and checks what is there then.
 * The scene's state is what it was found to be.
 * @returns how it ended: `done`, or the way out that was gone
 * @throws AssertionError
 */
export async function settleScene(scene: Scene, verb: VerbName, ended: Struck, prefer: WayOut): Promise<string> {
  const { state } = scene;
  const after = verbs[verb].after(state);
  if (ended.code === 0 && !ended.wasKilled) {
    await reach(scene, after);
    return 'done';
  }
  if (!ended.wasKilled) assertTold(ended);
  // On a starved machine a Lease may run out: the run stops where it is, as if it had been killed, and says so.
  const isLost = /the Lease pvsnap .* was lost/.test(ended.stderr);
  if (ended.wasKilled || isLost) await buryHolder(scene);
  if (verb === 'create') return runCreateAgain(scene, ended, after);
  const open = (await recordsOf(scene.namespace)).find(({ data }) => data?.phase !== 'completed');
  const operation = open?.data?.plan === undefined ? undefined : open.metadata?.labels?.['pvsnap.io/operation'];
  if (operation === undefined) return runAgain(scene, verb, ended, after);
  if (isLost) assertNames(ended, [`get operations ${operation}`]);
  const way = ended.wasKilled || isLost ? prefer : namedWay(ended, operation, prefer);
  await gone(scene, [way, operation, '--yes', ...scene.as]);
  await reach(scene, way === 'resume' ? after : await undone(scene, state, after));
  return way;
}

/** Before anything was stopped, only the way back is named. */
function namedWay(ended: Struck, operation: string, prefer: WayOut): WayOut {
  assertNames(ended, [`undo ${operation}`]);
  return ended.stderr.includes(`resume ${operation}`) ? prefer : 'undo';
}

/** The state is what the scene is then known to be in, whether the check holds or not. */
async function reach(scene: Scene, state: State): Promise<void> {
  scene.state = state;
  await checkState(scene, state);
}

/** An undo of what had been swapped parks the other data; one of what had not leaves everything as it was. */
async function undone(scene: Scene, before: State, after: State): Promise<State> {
  const { namespace } = scene;
  if (scene.keeps === 'snapshots') return undoneReplaced(scene, before, after);
  const isParked = (await recordsOf(namespace)).length > (before.parked === undefined ? 0 : 1);
  return isParked ? { ...before, parked: after.data } : before;
}

/** A claim that was deleted and not made again had nothing to keep: then only what is older is left, to be committed. */
async function undoneReplaced(scene: Scene, before: State, after: State): Promise<State> {
  const [record] = await recordsOf(scene.namespace);
  if (record === undefined) return before;
  const { members = [] } = JSON.parse(record.data?.plan ?? '{}') as { members?: { safety?: object }[] };
  if (members.some(({ safety }) => safety !== undefined)) return { ...before, parked: before.parked ?? after.data };
  await gone(scene, verbs.commit.words(scene));
  return { ...before, parked: undefined };
}

/** Nothing is open: everything must be as before, or as asked when only the last answer was lost. */
async function runAgain(scene: Scene, verb: VerbName, ended: Struck, after: State): Promise<string> {
  const { state } = scene;
  if (await holds(scene, after)) {
    // Done, and not said so: only a program that was killed, or that lost the very last answer and says that, may.
    const isSaid = ended.stderr.includes('All is done, but its record');
    assert.ok(ended.wasKilled || isSaid, `it was done, but the program failed:\n${ended.stderr}`);
    scene.state = after;
    return 'done';
  }
  if (verb !== 'commit') await checkState(scene, state);
  await gone(scene, verbs[verb].words(scene));
  await reach(scene, after);
  return 'run again';
}

async function holds(scene: Scene, state: State): Promise<boolean> {
  const isOver = state.parked === undefined ? [] : ['completed'];
  const phases = (await recordsOf(scene.namespace)).map(({ data }) => data?.phase);
  if (scene.state.data === state.data) return phases.length === isOver.length;
  return checkState(scene, state).then(
    () => true,
    () => false,
  );
}

/** What was made of a set stays, and is named; it is removed, and taken again. */
async function runCreateAgain(scene: Scene, ended: Struck, after: State): Promise<string> {
  const { namespace } = scene;
  const made = await list(namespace, 'VolumeSnapshot');
  if (made.length > 0) {
    if (!ended.wasKilled) assertNames(ended, ['get sets']);
    const { stdout } = await pvsnapUnharmed(namespace, 'get', 'sets');
    assert.match(stdout, new RegExp(`^${setName} `, 'm'), 'get sets names what was left');
    await removeSet(scene);
  }
  await checkState(scene, { ...scene.state, set: undefined });
  await gone(scene, verbs.create.words(scene));
  await reach(scene, after);
  return made.length > 0 ? 'removed and run again' : 'run again';
}

async function gone({ namespace }: Scene, words: string[]): Promise<void> {
  const { code, stderr } = await pvsnapUnharmed(namespace, ...words);
  assert.equal(code, 0, `the way out, "${words.join(' ')}", failed:\n${stderr}`);
}

/** Half a minute has passed: the Lease of a holder that is dead has expired and been watched. */
async function buryHolder({ namespace }: Scene): Promise<void> {
  await namespace.kubectl('delete', 'lease/pvsnap', '--ignore-not-found');
}

/** It says that it failed, and nothing on stdout says otherwise. */
function assertTold({ code, stdout, stderr }: Finished): void {
  assert.ok([1, 130].includes(code), `the exit code is ${code}:\n${stderr}`);
  assert.doesNotMatch(stdout, /completed|committed/);
  assert.match(stderr, /\S/, 'it failed without a word');
}

function assertNames({ stderr }: Finished, ways: readonly string[]): void {
  for (const way of ways) assert.ok(stderr.includes(way), `the message does not name "${way}":\n${stderr}`);
}
