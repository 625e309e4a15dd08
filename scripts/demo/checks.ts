/** What must be true at the end: the restored volumes as they were, the parked ones as the disaster left them. */
import type { V1PersistentVolume } from '@kubernetes/client-node';
import type { Api } from '../../test/cluster/api.ts';
import type { Bound } from './kafka.ts';
import { differences, readTrees, type Tree } from './tree.ts';

interface Expected {
  former: readonly Bound[];
  size: string;
  trees: readonly Tree[];
}

/** @throws Error with everything that differs */
export async function checkRestored(now: readonly Bound[], { former, size, trees }: Expected): Promise<void> {
  const restored = await readTrees(now);
  const wrong = now.flatMap(({ claim, volume, size: given }, index) => [
    ...(volume === former[index]?.volume ? [`${claim} still has its former volume`] : []),
    ...(given === size ? [] : [`${claim} has ${given} instead of ${size}`]),
    ...differing(claim, restored[index], trees[index]),
  ]);
  if (wrong.length > 0) throw new Error(`the restored data is not what the set was taken of:\n${wrong.join('\n')}`);
}

/** @throws Error with everything that differs */
export async function checkParked(api: Api, former: readonly Bound[], spoiled: readonly Tree[]): Promise<void> {
  const parked = await readTrees(former);
  const found = await Promise.all(
    former.map(async ({ volume }, index) => [
      ...((await isParked(api, volume)) ? [] : [`${volume} is not parked`]),
      ...differing(volume, parked[index], spoiled[index]),
    ]),
  );
  const wrong = found.flat();
  if (wrong.length > 0) throw new Error(`the former volumes are not as they were:\n${wrong.join('\n')}`);
}

/** @throws Error unless the claims have these very volumes again, with this data */
export async function checkBack(
  now: readonly Bound[],
  wanted: readonly Bound[],
  trees: readonly Tree[],
): Promise<void> {
  const found = await readTrees(now);
  const wrong = now.flatMap(({ claim, volume, size }, index) => [
    ...(volume === wanted[index]?.volume ? [] : [`${claim} has ${volume} instead of ${wanted[index]?.volume ?? ''}`]),
    ...(size === wanted[index]?.size ? [] : [`${claim} has ${size} instead of ${wanted[index]?.size ?? ''}`]),
    ...differing(claim, found[index], trees[index]),
  ]);
  if (wrong.length > 0) throw new Error(`the volumes did not come back:\n${wrong.join('\n')}`);
}

/** @throws Error when one of these volumes is still there */
export async function checkGone(api: Api, volumes: readonly Bound[]): Promise<void> {
  const { items } = await api.get<{ items: V1PersistentVolume[] }>('PersistentVolume', '');
  const left = volumes.filter(({ volume }) => items.some(({ metadata }) => metadata?.name === volume));
  if (left.length > 0) throw new Error(`not deleted: ${left.map(({ volume }) => volume).join(', ')}`);
}

async function isParked(api: Api, volume: string): Promise<boolean> {
  const { metadata, spec, status } = await api.get<V1PersistentVolume>('PersistentVolume', volume);
  const isKept = spec?.persistentVolumeReclaimPolicy === 'Retain';
  return isKept && metadata?.labels?.['pvsnap.io/role'] === 'parked' && status?.phase === 'Released';
}

function differing(name: string, tree: Tree = new Map(), wanted: Tree = new Map()): string[] {
  return differences(tree, wanted).map((path) => `${name}: ${path} differs`);
}
