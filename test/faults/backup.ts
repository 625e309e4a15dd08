/** A scene's set as a backup of Velero's: its snapshots are on storage alone. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { TestNamespace } from '../cluster/namespace.ts';
import { dataDir } from '../cluster/csi-driver/state-dir.ts';
import type { Velero } from '../cluster/velero.ts';
import { openVelero } from '../cluster/velero.ts';
import { contentOf } from '../e2e/restore-app.ts';
import { list } from '../e2e/restore-checks.ts';
import { completeBackup, importedObjects, snapshotsOnStorage } from '../e2e/velero-app.ts';
import type { Scene } from './scene.ts';

export interface BackedUp {
  velero: Velero;
  /** The backup; empty before the first. */
  name: string;
  /** How many have been taken. */
  taken: number;
  /** Handles of all backups of the scene: none of them may ever go. */
  handles: Set<string>;
}

const servers = new WeakMap<TestContext, Promise<Velero>>();

/** One server for all scenes of a test. */
export async function openBackups(test: TestContext): Promise<BackedUp> {
  const server = servers.get(test) ?? openVelero(test);
  servers.set(test, server);
  return { velero: await server, name: '', taken: 0, handles: new Set() };
}

/** Velero's to make, and no verb of ours: nothing of it is harmed. */
export async function takeBackup(namespace: TestNamespace, backup: BackedUp): Promise<void> {
  const { name, handles } = await completeBackup(backup.velero, namespace, `${namespace.name}-${backup.taken++}`);
  backup.name = name;
  for (const handle of handles) backup.handles.add(handle);
}

/** No object of any snapshot, and every snapshot on storage, the newest with the set's data. */
export async function checkBackups(
  { namespace, claims }: Scene,
  { handles }: BackedUp,
  set: string | undefined,
): Promise<void> {
  assert.deepEqual(await importedObjects(namespace), [], 'what was imported');
  assert.deepEqual(await list(namespace, 'VolumeSnapshot'), [], 'the snapshots');
  const onStorage = (await snapshotsOnStorage(namespace)).map(({ id }) => id);
  assert.deepEqual(onStorage.sort(), [...handles].sort(), 'the snapshots on storage');
  if (set === undefined) return;
  const data = await Promise.all(
    onStorage.map((id) => readFile(join(dataDir(namespace.cluster.driverState, 'snapshots', id), 'data'), 'utf8')),
  );
  for (const name of claims) assert.ok(data.includes(contentOf(name, set)), `the data of ${name} in the backup`);
}
