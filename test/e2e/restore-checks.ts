/** What every test of `restore` looks at afterwards: claims, volumes, their bytes, and what was left behind. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1ConfigMap, V1PersistentVolume, V1PersistentVolumeClaim } from '@kubernetes/client-node';
import type { Finished, TestNamespace } from '../cluster/namespace.ts';
import { retry } from '../cluster/retry.ts';
import type { Running } from './program.ts';
import { contentOf } from './restore-app.ts';

interface Listed {
  kind: string;
  metadata: {
    name: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    [field: string]: unknown;
  };
  status?: { phase?: string };
}

/** All objects of a kind, in the namespace where the kind has one. */
export async function list<T = object>({ api, name }: TestNamespace, kind: string): Promise<(T & Listed)[]> {
  const isClusterWide = kind === 'PersistentVolume';
  // The path of an object without a name is that of their list.
  const { items } = await api.get<{ items: T[] }>(kind, '', isClusterWide ? undefined : name);
  return items.map((item) => ({ ...(item as T & Listed), kind }));
}

export type Volume = V1PersistentVolume & Listed;

/** The volumes that belong, or belonged last, to claims of the namespace. */
export async function volumesOf(namespace: TestNamespace): Promise<Volume[]> {
  const all = await list<V1PersistentVolume>(namespace, 'PersistentVolume');
  return all.filter(({ spec }) => spec?.claimRef?.namespace === namespace.name);
}

/** What operations left behind. The binder may call it Bound for up to 15 s more: its phase doesn't tell. */
export async function parkedIn(namespace: TestNamespace): Promise<Volume[]> {
  const all = await volumesOf(namespace);
  return all.filter(({ metadata }) => metadata.labels?.['pvsnap.io/role'] === 'parked');
}

export function readVolume({ cluster }: TestNamespace, { spec }: Volume): Promise<string> {
  return readFile(join(cluster.driverState, 'volumes', spec?.csi?.volumeHandle ?? '', 'data'), 'utf8');
}

/** By `Kind/name`. */
export type Everything = Record<string, unknown>;

const kindsThatMatter = [
  ...['PersistentVolumeClaim', 'ConfigMap', 'Lease', 'Pod', 'VolumeSnapshot'],
  ...['StatefulSet', 'Deployment', 'DaemonSet', 'ReplicaSet', 'Job'],
];

/**
 * Everything of the namespace that a restore could change, as its owners wrote it, and the data of the volumes.
 * Left out is what controllers write at any time: resource versions, finalizers, phases of volumes, volumes on their
 * way out, and when exactly a pod is to be gone.
 */
export async function everythingIn(namespace: TestNamespace): Promise<Everything> {
  const [objects, all] = await Promise.all([
    Promise.all(kindsThatMatter.map((kind) => list(namespace, kind))),
    volumesOf(namespace),
  ]);
  const uids = objects.flat().map(({ metadata }) => metadata.uid);
  const isStaying = ({ spec }: Volume): boolean =>
    spec?.persistentVolumeReclaimPolicy === 'Retain' || uids.includes(spec?.claimRef?.uid);
  const volumes = all.filter(isStaying);
  const data = await Promise.all(volumes.map((volume) => readVolume(namespace, volume).catch(() => 'no data')));
  return Object.fromEntries([
    ...objects.flat().map((object) => [keyOf(object), ownedPart(object)] as const),
    ...volumes.map((volume, index) => [keyOf(volume), { ...ownedPart(volume), data: data[index] }] as const),
  ]);
}

function keyOf({ kind, metadata }: Listed): string {
  return `${kind}/${metadata.name}`;
}

/** What the binder notes on a claim, in its own time. */
const binders = /^volume\.(beta\.)?kubernetes\.io\/|^pv\.kubernetes\.io\//;

function ownedPart({ status, metadata, ...rest }: Listed): object {
  const { resourceVersion: _version, managedFields: _fields, finalizers: _finalizers, ...others } = metadata;
  const { deletionTimestamp, deletionGracePeriodSeconds: _grace, annotations = {}, ...owned } = others;
  const written = Object.entries(annotations).filter(([key]) => !binders.test(key));
  const isGoing = deletionTimestamp !== undefined;
  const phase = rest.kind === 'PersistentVolume' ? undefined : status?.phase;
  return { ...rest, metadata: { ...owned, annotations: Object.fromEntries(written) }, isGoing, phase };
}

/** Exit 1 with nothing on stdout, and all of these texts on stderr. */
export function assertFailed({ code, stdout, stderr }: Finished, ...texts: string[]): void {
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' }, stderr);
  for (const text of texts) assert.ok(stderr.includes(text), `"${text}" is not in:\n${stderr}`);
}

/** Waits until a restore has made a staging claim. @returns its name */
export async function stagingClaim({ api, name: namespace }: TestNamespace, restore: Running): Promise<string> {
  await restore.says('Restore of');
  const { metadata } = await api.watchUntil<V1PersistentVolumeClaim>(
    { kind: 'PersistentVolumeClaim', namespace, fields: {} },
    ({ metadata }) => metadata?.labels?.['pvsnap.io/operation'] !== undefined,
    AbortSignal.timeout(60_000),
  );
  return metadata?.name ?? '';
}

/** What a terminal would obey, or read backwards; lines end as they do everywhere. */
const unsafe = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/g;

export function assertSafe(printed: string): void {
  assert.deepEqual(printed.match(unsafe) ?? [], []);
}

/** Nothing of an operation is left, and what the storage made for it goes too. */
export async function assertTakenBack(namespace: TestNamespace, before: Everything): Promise<void> {
  // The deletion of claims and volumes is the controllers' work, and may take them a moment.
  await namespace.kubectl('wait', '--for=delete', 'pvc', '--selector=pvsnap.io/operation', '--timeout=60s');
  const kept = Object.keys(before);
  // A provisioner that was asked before the claim went may store a volume afterwards.
  const look = async (): Promise<void> => {
    const made = (await volumesOf(namespace)).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    assert.deepEqual(
      made.filter((name) => !kept.includes(name)),
      [],
    );
  };
  await retry(look, () => true, AbortSignal.timeout(60_000)).catch(look);
  assert.deepEqual(await everythingIn(namespace), before);
}

/** The ConfigMaps that restores have left. */
export async function recordsOf(namespace: TestNamespace): Promise<V1ConfigMap[]> {
  const all = await list<V1ConfigMap>(namespace, 'ConfigMap');
  return all.filter(({ metadata }) => metadata.labels?.['pvsnap.io/operation'] !== undefined);
}

export interface Expected {
  /** The claims that are there, by name, with the text that each holds. */
  claims: Record<string, string>;
  /** The claims that a volume is parked of, by name, with the text that it holds; once for each operation. */
  parked?: [claim: string, text: string][];
}

/** After one or more restores: the right data in every claim, every former volume parked, nothing staged, no lock. */
export async function assertRestored(namespace: TestNamespace, { claims, parked = [] }: Expected): Promise<void> {
  const [present, volumes, leases, records] = await Promise.all([
    list<V1PersistentVolumeClaim>(namespace, 'PersistentVolumeClaim'),
    volumesOf(namespace),
    list(namespace, 'Lease'),
    recordsOf(namespace),
  ]);
  assert.deepEqual(present.map(({ metadata }) => metadata.name).sort(), Object.keys(claims).sort());
  const inUse = present.map(({ spec }) => spec?.volumeName);
  for (const [name, text] of Object.entries(claims)) {
    const claim = present.find(({ metadata }) => metadata.name === name);
    const volume = volumes.find(({ metadata }) => metadata.name === claim?.spec?.volumeName);
    assert.ok(claim && volume, `${name} has a volume`);
    assert.equal(claim.status?.phase, 'Bound');
    await assertOrdinary(namespace, volume, claim, contentOf(name, text));
  }
  const behind = volumes.filter(({ metadata }) => !inUse.includes(metadata.name));
  const uids = present.map(({ metadata }) => metadata.uid ?? '');
  const found = await Promise.all(behind.map((volume) => parkedOf(namespace, volume, uids)));
  assert.deepEqual(found.sort(), parked.map(([claim, text]) => `${claim} ${contentOf(claim, text)}`).sort());
  assert.deepEqual(leases, []);
  // A record stays as long as there is something to commit, or to undo.
  if (parked.length > 0) assert.ok(records.length > 0);
  assert.ok(records.every(({ data }) => data?.phase === 'completed'));
}

/** Bound to this claim, with the reclaim policy of its class, and nothing on it that a later operation would read. */
async function assertOrdinary(
  namespace: TestNamespace,
  volume: Volume,
  claim: V1PersistentVolumeClaim & Listed,
  data: string,
): Promise<void> {
  assert.equal(await readVolume(namespace, volume), data);
  assert.equal(volume.spec?.claimRef?.uid, claim.metadata.uid);
  assert.equal(volume.spec?.persistentVolumeReclaimPolicy, 'Delete');
  const { labels = {}, annotations = {} } = volume.metadata;
  const marks = [...Object.keys(labels), ...Object.keys(annotations)].filter((key) => key.startsWith('pvsnap.io/'));
  assert.deepEqual(
    marks.filter((key) => key !== 'pvsnap.io/set'),
    [],
  );
}

/** Checks what stands on a parked volume, and that no claim can have it. @returns its claim and its data */
async function parkedOf(namespace: TestNamespace, volume: Volume, uidsOfClaims: readonly string[]): Promise<string> {
  const { labels = {}, annotations = {} } = volume.metadata;
  const uid = volume.spec?.claimRef?.uid ?? assert.fail('any claim of its name could get it');
  assert.ok(!uidsOfClaims.includes(uid), 'it is a claim’s');
  assert.equal(volume.spec?.persistentVolumeReclaimPolicy, 'Retain');
  assert.equal(labels['pvsnap.io/role'], 'parked');
  assert.match(labels['pvsnap.io/operation'] ?? '', /^(restore|undo)-/);
  assert.equal(annotations['pvsnap.io/reclaim-policy'], 'Delete');
  const manifest = JSON.parse(annotations['pvsnap.io/claim'] ?? '') as V1PersistentVolumeClaim & Listed;
  assert.equal(manifest.kind, 'PersistentVolumeClaim');
  // What the claim asked for fits the volume, so that the claim can be made again for it.
  assert.equal(manifest.spec?.resources?.requests?.storage, volume.spec.capacity?.storage);
  return `${manifest.metadata.name} ${await readVolume(namespace, volume)}`;
}
