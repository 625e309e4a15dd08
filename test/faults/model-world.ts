/** The world of a model's run: an application, and every copy of its data that is within reach. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { dataDir } from '../cluster/csi-driver/state-dir.ts';
import type { TestNamespace } from '../cluster/namespace.ts';
import type { Volume } from '../e2e/restore-checks.ts';
import { list, readVolume, recordsOf, volumesOf } from '../e2e/restore-checks.ts';

export interface World {
  namespace: TestNamespace;
  claims: readonly string[];
  /** What has happened, for whoever looks at a failure. */
  log: string[];
  /** Every text that was ever written into a claim, with the claim's name. */
  written: Set<string>;
  /** What people have given up: nobody needs to keep it. */
  givenUp: Set<string>;
  newText: () => string;
}

/** One copy of what was once written into a claim. */
export interface Copy {
  /** As `contentOf` makes it: it begins with the claim's name. */
  content: string;
  place: 'claim' | 'staged' | 'parked' | 'snapshot';
  /** The claim, volume or snapshot that holds it. */
  holder: string;
  /** The operation that keeps it, or the set that it is in. */
  of: string;
}

type Claim = V1PersistentVolumeClaim & { metadata: { name: string; uid?: string } };

/** Only what outlives a glance: volumes that are in use or kept, and snapshots that are ready. */
export async function copiesIn(world: World): Promise<Copy[]> {
  const { namespace } = world;
  const [present, volumes] = await Promise.all([list<Claim>(namespace, 'PersistentVolumeClaim'), volumesOf(namespace)]);
  const inVolumes = await Promise.all(volumes.map((volume) => copyIn(world, volume, present)));
  return [...inVolumes, ...(await copiesInSnapshots(world))].filter((copy) => copy !== undefined);
}

async function copyIn(
  { namespace, claims }: World,
  volume: Volume,
  present: readonly Claim[],
): Promise<Copy | undefined> {
  const { name, labels = {} } = volume.metadata;
  const claimRef = volume.spec?.claimRef;
  const policy = volume.spec?.persistentVolumeReclaimPolicy;
  const content = await readVolume(namespace, volume).catch(() => undefined);
  if (content === undefined) return undefined;
  const of = labels['pvsnap.io/operation'] ?? '';
  const user = present.find(({ metadata, spec }) => spec?.volumeName === name && metadata.uid === claimRef?.uid);
  if (user !== undefined && claims.includes(user.metadata.name)) {
    return { content, place: 'claim', holder: user.metadata.name, of };
  }
  if (user !== undefined) return { content, place: 'staged', holder: user.metadata.name, of };
  if (of === '' || policy !== 'Retain') return undefined;
  return { content, place: labels['pvsnap.io/role'] === 'parked' ? 'parked' : 'staged', holder: name, of };
}

interface Snapshot {
  metadata: { name: string; uid: string; labels?: Record<string, string>; deletionTimestamp?: string };
  status?: { readyToUse?: boolean };
}

async function copiesInSnapshots({ namespace }: World): Promise<(Copy | undefined)[]> {
  const present = await list<Snapshot>(namespace, 'VolumeSnapshot');
  const ready = present.filter(({ metadata, status }) => {
    return status?.readyToUse === true && metadata.deletionTimestamp === undefined;
  });
  return Promise.all(
    ready.map(async ({ metadata: { name, uid, labels } }) => {
      const path = join(dataDir(namespace.cluster.driverState, 'snapshots', `snapshot-${uid}`), 'data');
      const content = await readFile(path, 'utf8').catch(() => undefined);
      if (content === undefined) return undefined;
      return { content, place: 'snapshot', holder: name, of: labels?.['pvsnap.io/set'] ?? '' };
    }),
  );
}

/** Safety sets come and go with their operations; what else there is, somebody means to keep. */
export function isSafety({ place, of }: Copy): boolean {
  return place === 'snapshot' && of.startsWith('safety-');
}

export interface KnownOperation {
  name: string;
  /** As its record has it; absent: only volumes tell of it. */
  phase?: string;
  isUndone: boolean;
}

/** By name, so that a number means the same operation whatever order the server lists them in. */
export async function operationsIn({ namespace }: World): Promise<KnownOperation[]> {
  const [records, volumes] = await Promise.all([recordsOf(namespace), volumesOf(namespace)]);
  const recorded = records.map(({ metadata, data }) => ({
    name: metadata?.labels?.['pvsnap.io/operation'] ?? '',
    phase: data?.phase ?? '',
    isUndone: data?.undoneBy !== undefined,
  }));
  const marked = volumes.flatMap(({ metadata }) => metadata.labels?.['pvsnap.io/operation'] ?? []);
  const others = [...new Set(marked)].filter((name) => recorded.every((record) => record.name !== name));
  const all = [...recorded, ...others.map((name) => ({ name, isUndone: false }))];
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The sets that `create` took. */
export async function setsIn(world: World): Promise<string[]> {
  const sets = (await copiesIn(world)).filter((copy) => copy.place === 'snapshot' && !isSafety(copy));
  return [...new Set(sets.map(({ of }) => of))].sort();
}
