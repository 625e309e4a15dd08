/** Backups of Velero's own, for the tests of what is done with them. */
import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { KubeObject } from '../cluster/api.ts';
import type { TestNamespace } from '../cluster/namespace.ts';
import type { Velero } from '../cluster/velero.ts';
import { untilAvailable } from '../cluster/velero.ts';
import { openRecords } from '../cluster/csi-driver/records.ts';
import type { SnapshotRecord } from '../cluster/csi-driver/driver.ts';
import { kubectl } from './kubectl.ts';
import { list } from './restore-checks.ts';

interface Phased extends KubeObject {
  status?: { phase?: string; failureReason?: string; validationErrors?: string[] };
}

/**
 * What a backup needs to hold claims. Without such a list Velero reads every kind that it has once seen, and kinds of other
 * tests come and go: it would be PartiallyFailed by them.
 */
export const resourcesOfClaims = ['persistentvolumeclaims', 'persistentvolumes', 'pods', 'statefulsets'];

const BACKUP_TRIES = 3;
const ended = ['Completed', 'PartiallyFailed', 'Failed', 'FailedValidation'];

/** As Velero's verbs make them. @returns the phase in which it has ended, and why it failed where it did */
export async function runVelero(
  { home }: Velero,
  kind: 'Backup' | 'Restore',
  name: string,
  spec: object,
): Promise<string> {
  await untilAvailable(home);
  await home.apply([{ apiVersion: 'velero.io/v1', kind, metadata: { name }, spec }]);
  const isEnded = ({ status }: Phased): boolean => ended.includes(status?.phase ?? '');
  const { status } = await home.waitFor<Phased>(kind, name, isEnded);
  const { phase = '', failureReason, validationErrors = [] } = status ?? {};
  return [phase, ...(failureReason === undefined ? [] : [failureReason]), ...validationErrors].join(': ');
}

/** Objects that an operation has made of snapshots on storage: none may be left. */
export async function importedObjects(namespace: TestNamespace): Promise<string[]> {
  const isMade = ({ metadata }: { metadata: { labels?: Record<string, string> } }): boolean =>
    metadata.labels?.['pvsnap.io/operation'] !== undefined;
  const [snapshots, contents] = await Promise.all([
    list(namespace, 'VolumeSnapshot'),
    namespace.api.get<{ items: { metadata: { name: string; labels?: Record<string, string> }; spec: Referring }[] }>(
      'VolumeSnapshotContent',
      '',
    ),
  ]);
  const ours = contents.items.filter(({ spec }) => spec.volumeSnapshotRef.namespace === namespace.name);
  return [...snapshots, ...ours].filter(isMade).map(({ metadata }) => metadata.name);
}

interface Referring {
  volumeSnapshotRef: { namespace: string };
}

/** @throws AssertionError unless the driver still has it */
export async function assertOnStorage({ cluster }: TestNamespace, handles: readonly string[]): Promise<void> {
  assert.notEqual(handles.length, 0);
  await Promise.all(handles.map((handle) => access(join(cluster.driverState, 'snapshots', handle))));
}

/** Of all snapshots that the driver has of claims of the namespace. */
export async function handlesOf(namespace: TestNamespace): Promise<string[]> {
  return (await snapshotsOnStorage(namespace)).map(({ id }) => id);
}

export async function snapshotsOnStorage({ cluster, name }: TestNamespace): Promise<SnapshotRecord[]> {
  const snapshots = await openRecords<SnapshotRecord>(cluster.driverState, 'snapshots').list();
  return snapshots.filter(({ claim }) => claim?.namespace === name);
}

/** A backup of all claims of the namespace. @returns it as `restore` takes it, and its snapshots on storage */
export async function backUpClaims(
  velero: Velero,
  namespace: TestNamespace,
): Promise<{ set: string; handles: string[] }> {
  const { name, handles } = await completeBackup(velero, namespace, `of-${namespace.name}`);
  return { set: `velero/${name}`, handles };
}

export interface Complete {
  name: string;
  /** Of its own snapshots on storage. */
  handles: string[];
}

/**
 * A backup of all claims of the namespace that is Completed. Under load one fails now and then, by no doing of ours: it goes
 * with all that is of it, and the next has another name.
 */
export async function completeBackup(velero: Velero, namespace: TestNamespace, wanted: string): Promise<Complete> {
  const spec = { includedNamespaces: [namespace.name], includedResources: resourcesOfClaims };
  for (let attempt = 1; ; attempt++) {
    const name = attempt === 1 ? wanted : `${wanted}-${attempt}`;
    const earlier = await handlesOf(namespace);
    const phase = await runVelero(velero, 'Backup', name, spec);
    // What an earlier one has left may still be going.
    const handles = (await handlesOf(namespace)).filter((handle) => !earlier.includes(handle));
    if (phase === 'Completed') return { name, handles };
    assert.ok(attempt < BACKUP_TRIES, `Velero's backup ${name} is ${phase}`);
    await deleteBackup(velero, name);
    // What was not cut in time it leaves as an object, which may be cut yet.
    await kubectl(namespace, 'delete', 'vs', '-l', `velero.io/backup-name=${name}`);
  }
}

/** As `velero backup delete`. @returns when the backup is gone, and its snapshots on storage */
export async function deleteBackup({ home }: Velero, backupName: string): Promise<void> {
  await untilAvailable(home);
  const gone = home.waitFor('Backup', backupName, (_, isDeleted) => isDeleted);
  const request = { apiVersion: 'velero.io/v1', kind: 'DeleteBackupRequest', metadata: { name: backupName } };
  await home.apply([{ ...request, spec: { backupName } }]);
  await gone;
}

/** Subtests of one server, side by side as far as the test's own concurrency goes. */
export function sideBySide(test: TestContext): {
  add: (name: string, work: (inner: TestContext) => Promise<void>) => void;
  end: () => Promise<unknown>;
} {
  const running: Promise<void>[] = [];
  return {
    add: (name, work) => {
      running.push(test.test(name, work));
    },
    end: () => Promise.all(running),
  };
}
