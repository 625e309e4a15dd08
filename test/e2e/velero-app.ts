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
import { list } from './restore-checks.ts';

interface Phased extends KubeObject {
  status?: { phase?: string; failureReason?: string; validationErrors?: string[] };
}

/**
 * What a backup needs to hold claims. Without such a list Velero reads every kind that it has once seen, and kinds of other
 * tests come and go: it would be PartiallyFailed by them.
 */
export const resourcesOfClaims = ['persistentvolumeclaims', 'persistentvolumes', 'pods', 'statefulsets'];

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

/** A backup of all claims of the namespace. @returns it as `restore` takes it */
export async function backUpClaims(velero: Velero, { name }: TestNamespace): Promise<string> {
  const spec = { includedNamespaces: [name], includedResources: resourcesOfClaims };
  assert.equal(await runVelero(velero, 'Backup', `of-${name}`, spec), 'Completed');
  return `velero/of-${name}`;
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
