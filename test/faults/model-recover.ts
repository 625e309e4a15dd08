/** The end of a model's run: whoever is left with this has a way to each of their data, and to nothing left over. */
import assert from 'node:assert/strict';
import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { isRolledOut } from '../cluster/states.ts';
import { list, recordsOf, volumesOf } from '../e2e/restore-checks.ts';
import { checkNothingLost, keptBy, runVerb } from './model-run.ts';
import type { World } from './model-world.ts';
import { copiesIn, operationsIn } from './model-world.ts';
import { checkStorage } from './storage-checks.ts';

/** So often a person follows what the messages say before they give up. */
const patience = 6;

/** @throws AssertionError */
export async function recover(world: World, prefer: 'resume' | 'undo'): Promise<void> {
  world.log.push(`recovery, by ${prefer}`);
  await endAll(world, prefer);
  await checkClaims(world);
  await visitParked(world);
  await commitAll(world);
}

/** Every operation that is open comes to its end. */
async function endAll(world: World, prefer: 'resume' | 'undo'): Promise<void> {
  for (let turn = 0; turn < patience; turn++) {
    const open = (await operationsIn(world)).filter(({ phase, isUndone }) => phase !== 'completed' && !isUndone);
    const [next] = open;
    if (next === undefined) {
      await startAll(world);
      return;
    }
    const way = next.phase === undefined || (turn % 2 === 1) !== (prefer === 'undo') ? 'undo' : 'resume';
    const code = await attempt(world, [way, next.name, ...(next.phase === undefined ? ['--from-parked'] : [])]);
    if (code !== 0) await makeRoom(world);
  }
  assert.fail('no way out was found of an open operation');
}

async function attempt(world: World, words: string[]): Promise<number> {
  const before = await copiesIn(world);
  const [verb, operation = ''] = words;
  const kept = verb === 'commit' ? await keptBy(world, before, operation) : [];
  const { code, stderr } = await runVerb(world, words, undefined);
  world.log.push(`  ${words.join(' ')}: exit ${code}\n${stderr.trim().replace(/^/gm, '    ')}`);
  await checkNothingLost(world, before, kept);
  return code;
}

/** As the messages say: stop what was started, and delete a claim that somebody else made and that holds nothing. */
async function makeRoom(world: World): Promise<void> {
  const { namespace } = world;
  await namespace.kubectl('scale', 'statefulset/db', '--replicas=0');
  await namespace.kubectl('wait', 'pod', '--selector=app=db', '--for=delete', '--timeout=60s');
  const filled = new Set((await copiesIn(world)).map(({ holder }) => holder));
  for (const { metadata } of await list<V1PersistentVolumeClaim>(namespace, 'PersistentVolumeClaim')) {
    const isEmpty = world.claims.includes(metadata.name) && !filled.has(metadata.name);
    if (isEmpty) await namespace.kubectl('delete', `pvc/${metadata.name}`, '--timeout=60s');
  }
}

async function startAll({ namespace }: World): Promise<void> {
  await namespace.kubectl('scale', 'statefulset/db', '--replicas=2');
  await namespace.waitFor('StatefulSet', 'db', isRolledOut);
}

/** Each is bound both ways. One that people deleted may be empty, no other. */
async function checkClaims(world: World): Promise<void> {
  const { namespace, claims } = world;
  const [present, volumes] = await Promise.all([
    list<V1PersistentVolumeClaim>(namespace, 'PersistentVolumeClaim'),
    volumesOf(namespace),
  ]);
  for (const name of claims) {
    const found = present.find(({ metadata }) => metadata.name === name);
    const volume = volumes.find(({ metadata }) => metadata.name === found?.spec?.volumeName);
    assert.equal(found?.status?.phase, 'Bound', `claim ${name} is bound`);
    assert.equal(volume?.spec?.claimRef?.uid, found.metadata.uid, `volume and claim ${name} name each other`);
  }
}

/** What is parked is not only there: undo brings it. */
async function visitParked(world: World): Promise<void> {
  for (const { name } of (await operationsIn(world)).filter(({ isUndone }) => !isUndone).slice(0, 3)) {
    const before = await copiesIn(world);
    const parked = before.filter(({ place, of }) => place === 'parked' && of === name);
    if (parked.length === 0) continue;
    assert.equal(await attempt(world, ['undo', name]), 0, `what ${name} has parked is out of reach`);
    const now = await copiesIn(world);
    for (const claim of new Set(parked.map(({ content }) => content.split(':')[0] ?? ''))) {
      const here = now.find(({ place, holder }) => place === 'claim' && holder === claim);
      const could = parked.filter(({ content }) => content.startsWith(`${claim}: `)).map(({ content }) => content);
      assert.ok(could.includes(here?.content ?? ''), `undo ${name} brought ${here?.content ?? 'nothing'} to ${claim}`);
    }
  }
}

/** Then nothing is left that nothing names. */
async function commitAll(world: World): Promise<void> {
  const { namespace } = world;
  for (const { name } of await operationsIn(world)) {
    assert.equal(await attempt(world, ['commit', name]), 0, `${name} can't be committed`);
  }
  const present = await list<V1PersistentVolumeClaim>(namespace, 'PersistentVolumeClaim');
  const used = present.map(({ spec }) => spec?.volumeName ?? '').sort();
  await namespace.kubectl('wait', 'pv', ...(await goingIn(world, used)), '--for=delete', '--timeout=60s');
  const volumes = await volumesOf(namespace);
  assert.deepEqual(volumes.map(({ metadata }) => metadata.name).sort(), used, 'the volumes');
  assert.deepEqual(present.map(({ metadata }) => metadata.name).sort(), [...world.claims].sort(), 'the claims');
  assert.deepEqual(await recordsOf(namespace), [], 'the records');
  assert.deepEqual(await list(namespace, 'Lease'), [], 'the Leases');
  await checkStorage({ namespace }, volumes);
}

/** Controllers delete in their own time. */
async function goingIn({ namespace }: World, used: readonly string[]): Promise<string[]> {
  const names = (await volumesOf(namespace)).map(({ metadata }) => metadata.name);
  const going = names.filter((name) => !used.includes(name));
  return going.length > 0 ? going : ['none'];
}
