/** Takes scenes through create, restore, undo and commit, again and again, until every case has been tried. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Case, Choose } from './cases.ts';
import type { Call } from './call.ts';
import type { Scene, Shape } from './scene.ts';
import type { Harm } from './proxy.ts';
import { openScene, removeSet, writeAnew } from './scene.ts';
import type { Struck } from './strike.ts';
import { strike } from './strike.ts';
import type { VerbName } from './verbs.ts';
import { settleScene } from './way-out.ts';

export interface Result {
  verb: VerbName;
  /** Those whose call came. */
  struck: readonly Harm[];
  /** How the scene was brought to a known state; absent: it could not be. */
  end?: string;
  /** What went wrong, with the program's own words. */
  problem?: string;
}

export interface Campaign {
  shape: Shape;
  /** The calls of each verb, in the order in which they came. */
  calls: Record<VerbName, readonly Call[]>;
  results: Result[];
}

const order = ['create', 'restore', 'undo', 'commit'] as const satisfies VerbName[];

/** What time decides (who comes first) may keep a call from coming; three times, it won't. */
const tries = 3;

/**
 * @param width how many scenes side by side: waiting costs nothing, and most of a case is waiting
 * @param onResult called at once: who looks at a run that takes an hour need not wait for its end
 */
export async function runCampaign(
  test: TestContext,
  shape: Shape,
  choose: Choose,
  width: number,
  onResult: (result: Result) => void,
): Promise<Campaign> {
  const calls = await recordCalls(test, shape);
  const queues = Object.fromEntries(order.map((verb) => [verb, choose(verb, calls[verb])])) as Queues;
  const results: Result[] = [];
  const note = (result: Result): void => {
    results.push(result);
    onResult(result);
  };
  await Promise.all(Array.from({ length: width }, () => work(test, shape, queues, note)));
  return { shape, calls, results };
}

/** What two runs without a fault both call, whatever their time. */
async function recordCalls(test: TestContext, shape: Shape): Promise<Campaign['calls']> {
  const [first, second] = await Promise.all([recordOnce(test, shape), recordOnce(test, shape)]);
  const both = order.map((verb) => {
    const again = new Set(second[verb].map(({ key }) => key));
    return [verb, withoutRenewals(first[verb]).filter(({ key }) => again.has(key))] as const;
  });
  return Object.fromEntries(both) as unknown as Campaign['calls'];
}

/**
 * The Lease is renewed every 6 s, with a GET and a PATCH. On a slow machine both recordings may get that far, and no
 * later run: such a call would not come. To let go of the Lease takes a GET as well: every run has one for each DELETE.
 */
function withoutRenewals(calls: readonly Call[]): Call[] {
  const turnOf = (key: string, method: string): number =>
    Number(new RegExp(`^${method} leases/pvsnap #(\\d+)$`).exec(key)?.[1] ?? 0);
  const releases = calls.filter(({ key }) => turnOf(key, 'DELETE') > 0).length;
  return calls.filter(({ key }) => turnOf(key, 'PATCH') === 0 && turnOf(key, 'GET') <= releases);
}

async function recordOnce(test: TestContext, shape: Shape): Promise<Campaign['calls']> {
  const scene = await openScene(test, shape);
  const calls: Partial<Campaign['calls']> = {};
  for (const verb of order) {
    await makeReady(scene, verb);
    const ended = await strike(scene, verb);
    assert.equal(ended.code, 0, `${verb} without a fault:\n${ended.stderr}`);
    await settleScene(scene, verb, ended, 'resume');
    calls[verb] = ended.calls;
  }
  return calls as Campaign['calls'];
}

type Note = (result: Result) => void;
type Queues = Record<VerbName, (Case & { turn?: number })[]>;

async function work(test: TestContext, shape: Shape, queues: Queues, note: Note): Promise<void> {
  while (isMoreToDo(queues)) {
    const scene = await openScene(test, shape);
    // After a failure nobody knows what the scene is like: the next round begins in a new one.
    while (await round(scene, queues, note));
  }
}

function isMoreToDo(queues: Queues): boolean {
  return order.some((verb) => queues[verb].length > 0);
}

/** @returns whether the scene can be used again, and there is something left to do */
async function round(scene: Scene, queues: Queues, note: Note): Promise<boolean> {
  for (const verb of order.filter((name) => isWanted(name, scene, queues))) {
    if (!isPossible(verb, scene)) continue;
    const next = queues[verb].shift() ?? { verb, harms: [], prefer: 'resume' };
    const result = await tryCase(scene, next);
    note(result);
    if (result.problem !== undefined) return false;
    const missed = next.harms.filter((harm) => !result.struck.includes(harm));
    if (missed.length > 0) tryAgain(queues, note, { ...next, harms: missed });
  }
  return isMoreToDo(queues);
}

/** A verb without a case is run only where the next one needs it. */
function isWanted(verb: VerbName, { state }: Scene, { create, restore, undo, commit }: Queues): boolean {
  const isMoreToCome = restore.length + undo.length + commit.length > 0;
  if (verb === 'create') return create.length > 0 || (state.set === undefined && isMoreToCome);
  if (verb === 'restore') return isMoreToCome;
  // What is parked goes before the next restore.
  return verb === 'commit' ? isMoreToCome || create.length > 0 || state.parked !== undefined : undo.length > 0;
}

function isPossible(verb: VerbName, { state }: Scene): boolean {
  return verb === 'create' || (verb === 'restore' ? state.set : state.parked) !== undefined;
}

function tryAgain(queues: Queues, note: Note, { turn = 1, ...missed }: Queues[VerbName][number]): void {
  const { verb, harms } = missed;
  if (turn < tries) queues[verb].push({ ...missed, turn: turn + 1 });
  else note({ verb, struck: harms, problem: `the call did not come in ${tries} runs` });
}

async function tryCase(scene: Scene, { verb, harms, prefer }: Case): Promise<Result> {
  let ended: Struck | undefined;
  try {
    await makeReady(scene, verb);
    ended = await strike(scene, verb, harms);
    return { verb, struck: ended.struck, end: await settleScene(scene, verb, ended, prefer) };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const said = ended === undefined ? '' : `\nexit ${ended.code}\n${ended.stdout}${ended.stderr}`;
    const problem = `(${prefer}) in ${scene.namespace.name}: ${words}${said}`;
    return { verb, struck: ended?.struck ?? harms, problem };
  }
}

/** The next verb finds what it needs: no set, or data that differs from the set's. */
async function makeReady(scene: Scene, verb: VerbName): Promise<void> {
  if (verb === 'create' && scene.state.set !== undefined) {
    await removeSet(scene);
    scene.state = { ...scene.state, set: undefined };
  }
  if (verb === 'restore') await writeAnew(scene);
}
