/** Takes a world through a list of steps, and looks after each whether anything is lost. */
import assert from 'node:assert/strict';
import type { Finished } from '../cluster/namespace.ts';
import { run } from '../e2e/program.ts';
import { recordsOf } from '../e2e/restore-checks.ts';
import { actOutside } from './model-outside.ts';
import type { Step, Storm } from './model-steps.ts';
import { isCrash } from './model-steps.ts';
import type { Copy, KnownOperation, World } from './model-world.ts';
import { copiesIn, operationsIn, setsIn } from './model-world.ts';
import { openProxy } from './proxy.ts';

/** How many calls each verb makes, about: a storm comes over one of them. */
const callsOf = { create: 17, restore: 120, undo: 150, resume: 110, commit: 50 };
type Verb = keyof typeof callsOf;

export async function takeStep(world: World, step: Step): Promise<void> {
  const before = await copiesIn(world);
  world.log.push(`${new Date().toISOString()} ${JSON.stringify(step)}`);
  const words = await wordsOf(world, step);
  if (words === undefined) {
    if (!isVerb(step)) await actOutside(world, step.do);
    await checkNothingLost(world, before, []);
    return;
  }
  const kept = step.do === 'commit' ? await keptBy(world, before, words[1] ?? '') : [];
  const { code, stderr } = await runVerb(world, words, 'storm' in step ? step.storm : undefined);
  world.log.push(`  ${words.join(' ')}: exit ${code}\n${stderr.trim().replace(/^/gm, '    ')}`);
  assert.doesNotMatch(stderr, /\b(TypeError|ReferenceError|RangeError)\b|^ +at .*:\d+:\d+/m, 'a defect of the program');
  if (code !== 0) assert.match(stderr, /\S/, 'it failed without a word');
  const isRefused = code !== 0 && stderr.includes('nothing was changed');
  await checkNothingLost(world, before, isRefused ? [] : kept);
}

type VerbStep = Extract<Step, { do: Verb }>;

function isVerb(step: Step): step is VerbStep {
  return step.do in callsOf;
}

/** undefined: there is nothing that it could be done to. */
async function wordsOf(world: World, step: Step): Promise<string[] | undefined> {
  if (!isVerb(step)) return undefined;
  switch (step.do) {
    case 'create':
      return ['create', ...world.claims.map((name) => `pvc/${name}`), '--name', world.newText().replace(' ', '-')];
    case 'restore': {
      const sets = await setsIn(world);
      const set = sets[step.set % Math.max(1, sets.length)];
      return set === undefined ? undefined : ['restore', set, `--strategy=${step.strategy}`];
    }
    case 'undo': {
      const operation = chosen(await operationsIn(world), step.which, ({ isUndone }) => !isUndone);
      return operation === undefined ? undefined : ['undo', operation, ...(step.fromParked ? ['--from-parked'] : [])];
    }
    case 'resume': {
      const isOpen = ({ phase, isUndone }: KnownOperation): boolean => phase !== 'completed' && !isUndone;
      const operation = chosen(await operationsIn(world), step.which, isOpen);
      return operation === undefined ? undefined : ['resume', operation];
    }
    case 'commit': {
      const operation = chosen(await operationsIn(world), step.which, () => true);
      return operation === undefined ? undefined : ['commit', operation];
    }
  }
}

function chosen(
  all: readonly KnownOperation[],
  which: number,
  isMeant: (one: KnownOperation) => boolean,
): string | undefined {
  const meant = all.filter(isMeant);
  return meant[which % Math.max(1, meant.length)]?.name;
}

/** A commit destroys what its operation keeps, and nothing else. @returns contents */
export async function keptBy(world: World, copies: readonly Copy[], operation: string): Promise<string[]> {
  const records = await recordsOf(world.namespace);
  const record = records.find(({ metadata }) => metadata?.labels?.['pvsnap.io/operation'] === operation);
  const { safetySet = '', inherits = [] } = JSON.parse(record?.data?.plan ?? '{}') as SafetySets;
  const keepers = [operation, safetySet, ...inherits];
  return copies.filter(({ of }) => of !== '' && keepers.includes(of)).map(({ content }) => content);
}

interface SafetySets {
  safetySet?: string;
  inherits?: string[];
}

/** @throws AssertionError */
export async function checkNothingLost(
  world: World,
  before: readonly Copy[],
  destroyed: readonly string[],
): Promise<void> {
  const now = await copiesIn(world);
  const kept = new Set(now.map(({ content }) => content));
  const isMissed = ({ content }: Copy): boolean =>
    !kept.has(content) && !world.givenUp.has(content) && !destroyed.includes(content);
  assert.deepEqual(before.filter(isMissed), [], 'what is lost');
  const unknown = now.filter(({ content }) => !world.written.has(content));
  assert.deepEqual(unknown, [], 'bytes that nobody wrote');
  const strays = now.filter(({ content, place, holder }) => place === 'claim' && !content.startsWith(`${holder}: `));
  assert.deepEqual(strays, [], 'the data of another claim');
}

/** After a crash nobody is left to renew the Lease: half a minute passes. */
export async function runVerb(world: World, words: string[], storm: Storm | undefined): Promise<Finished> {
  const { namespace } = world;
  const verb = words[0] as Verb;
  const at = storm === undefined ? 0 : 1 + Math.floor((storm.at * callsOf[verb]) / 100);
  const harms = storm !== undefined && isCrash(storm.what) ? [{ call: `#${at}`, fault: storm.what }] : [];
  let kill = (): void => undefined;
  const proxy = await openProxy(
    namespace.cluster,
    new Map(),
    harms,
    () => {
      kill();
    },
    async ({ index, key }) => {
      if (index !== at || storm === undefined) return;
      world.log.push(`  at call ${index} (${key}): ${storm.what}`);
      if (!isCrash(storm.what)) await actOutside(world, storm.what);
    },
  );
  try {
    const asking = verb === 'create' ? [] : ['--yes'];
    const all = ['--namespace', namespace.name, ...words, ...asking, '--timeout=20s'];
    const running = run(all, { KUBECONFIG: proxy.kubeconfig });
    kill = () => running.child.kill('SIGKILL');
    const finished = await running.finished;
    world.log.push(`  ${proxy.calls.length} calls`);
    if (running.child.signalCode === null) return finished;
    await namespace.kubectl('delete', 'lease/pvsnap', '--ignore-not-found');
    return { ...finished, stderr: `${finished.stderr}\nkilled` };
  } finally {
    await proxy.close();
  }
}
