/** What people and controllers do, in the middle of a verb or between two of them, and what they give up by it. */
import type { V1PersistentVolume, V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node';
import { claim } from '../cluster/objects.ts';
import { contentOf } from '../e2e/restore-app.ts';
import { list } from '../e2e/restore-checks.ts';
import type { Outside } from './model-steps.ts';
import type { Copy, World } from './model-world.ts';
import { copiesIn, isSafety, setsIn } from './model-world.ts';
import { pvsnapUnharmed } from './strike.ts';

export async function actOutside(world: World, what: Outside): Promise<void> {
  const { namespace } = world;
  const before = await copiesIn(world);
  switch (what) {
    case 'write':
      await write(world, before);
      break;
    case 'scale to 0':
    case 'scale to 1':
    case 'scale to 2':
      await namespace.kubectl('scale', 'statefulset/db', `--replicas=${what.slice(-1)}`);
      break;
    case 'delete the staging claims':
      await namespace.kubectl('delete', 'pvc', '--selector=pvsnap.io/operation', '--wait=false');
      break;
    case 'delete the records':
      await namespace.kubectl('delete', 'configmap', '--selector=pvsnap.io/operation');
      break;
    case 'delete a claim':
      await deleteClaim(world, before);
      break;
    case 'make a claim':
      await namespace.api.create(claim('data-db-1'), namespace.name).catch(() => undefined);
      break;
    case 'delete a set':
      await deleteSet(world, before);
      break;
    case 'delete the Lease':
      await namespace.kubectl('delete', 'lease/pvsnap', '--ignore-not-found');
      break;
    case 'restore beside it':
    case 'undo beside it':
      await runBeside(world, what);
      break;
  }
}

/** By the pods, so only where one runs. Its claim may be on its way out all the same. */
async function write(world: World, before: readonly Copy[]): Promise<void> {
  const { namespace, claims, written } = world;
  const text = world.newText();
  for (const [ordinal, name] of claims.entries()) {
    if (!(await isRunning(world, ordinal))) continue;
    const content = contentOf(name, text);
    written.add(content);
    await namespace.write(name, 'data', content).catch(() => undefined);
    const overwritten = before.find(({ place, holder }) => place === 'claim' && holder === name);
    giveUp(world, before, (copy) => copy === overwritten);
    // It may have ended in between, and the snapshot been taken before: then nobody wrote this.
    if (!(await isRunning(world, ordinal))) world.givenUp.add(content);
  }
}

async function isRunning({ namespace }: World, ordinal: number): Promise<boolean> {
  const pods = await list<V1Pod>(namespace, 'Pod');
  const pod = pods.find(({ metadata }) => metadata.name === `db-${ordinal}`);
  return pod?.status?.phase === 'Running' && pod.metadata.deletionTimestamp === undefined;
}

/** What it held goes with it, unless its volume is kept. */
async function deleteClaim(world: World, before: readonly Copy[]): Promise<void> {
  const { namespace } = world;
  const present = await list<V1PersistentVolumeClaim>(namespace, 'PersistentVolumeClaim');
  const victim = present.find(({ metadata }) => metadata.name === 'data-db-0');
  const volumeName = victim?.spec?.volumeName;
  if (volumeName === undefined) return;
  const volume = await namespace.api.get<V1PersistentVolume>('PersistentVolume', volumeName);
  if (volume.spec?.persistentVolumeReclaimPolicy === 'Delete') {
    giveUp(world, before, ({ place, holder }) => place === 'claim' && holder === 'data-db-0');
  }
  await namespace.kubectl('delete', 'pvc/data-db-0', '--wait=false');
}

async function deleteSet(world: World, before: readonly Copy[]): Promise<void> {
  const [set] = await setsIn(world);
  if (set === undefined) return;
  giveUp(world, before, ({ place, of }) => place === 'snapshot' && of === set);
  await world.namespace.kubectl('delete', 'volumesnapshots', `--selector=pvsnap.io/set=${set}`, '--wait=false');
}

/** Where nothing else keeps them. What is staged or in a safety set goes when its operation is taken back. */
function giveUp({ givenUp }: World, before: readonly Copy[], isGone: (copy: Copy) => boolean): void {
  const stay = before.filter((copy) => !isGone(copy) && copy.place !== 'staged' && !isSafety(copy));
  for (const { content } of before.filter(isGone)) {
    if (!stay.some((copy) => copy.content === content)) givenUp.add(content);
  }
}

/** Another person, or the same one in another window. One of the two is refused. */
async function runBeside(world: World, what: 'restore beside it' | 'undo beside it'): Promise<void> {
  const [set] = await setsIn(world);
  const words = what === 'undo beside it' ? ['undo'] : ['restore', set ?? 'none'];
  const { code, stderr } = await pvsnapUnharmed(world.namespace, ...words, '--yes', '--timeout=20s');
  world.log.push(`  beside it: ${words.join(' ')}: exit ${code} ${code === 0 ? '' : stderr.trim()}`);
}
