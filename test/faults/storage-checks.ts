/** What the storage holds for a scene: nothing that no object of the API names. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1PersistentVolume } from '@kubernetes/client-node';
import { readJson } from '../cluster/csi-driver/records.ts';
import { dataDir, recordsDir } from '../cluster/csi-driver/state-dir.ts';
import { contentOf } from '../e2e/restore-app.ts';
import { list } from '../e2e/restore-checks.ts';
import { checkBackups } from './backup.ts';
import type { Scene, State } from './scene.ts';
import { setName } from './scene.ts';

/** Every directory of ours has a volume that names it. */
export async function checkStorage(
  { namespace }: Pick<Scene, 'namespace'>,
  volumes: readonly V1PersistentVolume[],
): Promise<void> {
  const { driverState } = namespace.cluster;
  const named = new Set(volumes.map(({ spec }) => spec?.csi?.volumeHandle));
  const unnamed = (await readdir(dataDir(driverState, 'volumes', ''))).filter((id) => !named.has(id));
  const ours = await Promise.all(
    unnamed.map(async (id) => (await ownerOf(driverState, 'volumes', id)) === namespace.name),
  );
  assert.deepEqual(
    unnamed.filter((_, index) => ours[index]),
    [],
    'the directories that no volume names',
  );
}

async function ownerOf(driverState: string, kind: 'volumes' | 'snapshots', id: string): Promise<string | undefined> {
  const record = await readJson<{ claim?: { namespace?: string } }>(join(recordsDir(driverState, kind), `${id}.json`));
  return record?.claim?.namespace;
}

interface Snapshot {
  metadata: { name: string; labels?: Record<string, string>; uid: string };
  spec: { source: { persistentVolumeClaimName: string } };
  status?: { readyToUse?: boolean };
}

/** Of the set one of each claim, or none; safety sets as long as they are what is parked; no directory besides. */
export async function checkSnapshots(scene: Scene, { set, parked }: State): Promise<void> {
  const { namespace, claims, keeps, backup } = scene;
  if (backup !== undefined) {
    await checkBackups(scene, backup, set);
    return;
  }
  const { driverState } = namespace.cluster;
  const present = await list<Snapshot>(namespace, 'VolumeSnapshot');
  const safety = await safetySnapshots(namespace);
  const told = present
    .filter((snapshot) => !isSafety(snapshot))
    .map(({ spec, metadata, status }) => [
      spec.source.persistentVolumeClaimName,
      metadata.labels?.['pvsnap.io/set'],
      status?.readyToUse,
    ]);
  const wanted = set === undefined ? [] : claims.map((name) => [name, setName, true]);
  assert.deepEqual(told.sort(), wanted.sort(), 'the snapshots');
  const named = new Set(present.map(({ metadata }) => `snapshot-${metadata.uid}`));
  const unnamed = (await readdir(dataDir(driverState, 'snapshots', ''))).filter((id) => !named.has(id));
  const owners = await Promise.all(unnamed.map((id) => ownerOf(driverState, 'snapshots', id)));
  assert.deepEqual(
    unnamed.filter((_, index) => owners[index] === namespace.name),
    [],
    'the directories that no snapshot names',
  );
  for (const snapshot of present.filter((one) => !isSafety(one))) {
    const name = snapshot.spec.source.persistentVolumeClaimName;
    assert.equal(
      await readSnapshot(driverState, snapshot),
      contentOf(name, set ?? ''),
      `the data of ${name} in the set`,
    );
  }
  const secured = await Promise.all(safety.map((snapshot) => readSnapshot(driverState, snapshot)));
  if (keeps === 'volumes' || parked === undefined) assert.deepEqual(secured, [], 'the safety sets');
  else for (const name of claims) assert.ok(secured.includes(contentOf(name, parked)), `what is parked of ${name}`);
}

export async function safetySnapshots(namespace: Scene['namespace']): Promise<Snapshot[]> {
  return (await list<Snapshot>(namespace, 'VolumeSnapshot')).filter(isSafety);
}

function isSafety({ metadata }: Snapshot): boolean {
  return metadata.labels?.['pvsnap.io/set']?.startsWith('safety-') === true;
}

function readSnapshot(driverState: string, { metadata }: Snapshot): Promise<string> {
  return readFile(join(dataDir(driverState, 'snapshots', `snapshot-${metadata.uid}`), 'data'), 'utf8');
}
