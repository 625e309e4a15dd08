/** What must be true once a verb, or the way out of its failure, says that it is done. */
import assert from 'node:assert/strict';
import type { V1Deployment, V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { retry } from '../cluster/retry.ts';
import { contentOf } from '../e2e/restore-app.ts';
import type { Volume } from '../e2e/restore-checks.ts';
import { list, readVolume, recordsOf, volumesOf } from '../e2e/restore-checks.ts';
import { checkOperator } from './operator-checks.ts';
import type { Scene, State, Workload } from './scene.ts';
import { checkSnapshots, checkStorage, safetySnapshots } from './storage-checks.ts';

/** Controllers delete claims, volumes and snapshots in their own time. */
const tidyMs = 60_000;

/** @throws AssertionError that says what isn't so */
export async function checkState(scene: Scene, state: State): Promise<void> {
  await checkData(scene, state);
  await Promise.all(scene.workloads.map((workload) => checkWorkload(scene, workload)));
  await checkOperator(scene);
  await eventually(() => checkNothingLeft(scene, state));
}

/** @throws what the last try found, when the time is up */
async function eventually(check: () => Promise<void>): Promise<void> {
  let last: unknown;
  const look = async (): Promise<void> => {
    await check().catch((error: unknown) => {
      last = error;
      throw error;
    });
  };
  await retry(look, () => true, AbortSignal.timeout(tidyMs)).catch(() => {
    throw last;
  });
}

type Claim = V1PersistentVolumeClaim & { metadata: { name: string; deletionTimestamp?: string } };

/** Every claim is there, is bound both ways, and has the bytes that it should have. */
async function checkData(scene: Scene, { data }: State): Promise<void> {
  const { namespace, claims } = scene;
  const [present, volumes] = await Promise.all([list<Claim>(namespace, 'PersistentVolumeClaim'), volumesOf(namespace)]);
  for (const name of claims) {
    const claim = present.find(({ metadata }) => metadata.name === name);
    assert.ok(claim !== undefined, `claim ${name} is gone`);
    assert.equal(claim.metadata.deletionTimestamp, undefined, `claim ${name} is being deleted`);
    assert.equal(claim.status?.phase, 'Bound', `claim ${name} is bound`);
    const volume = volumes.find(({ metadata }) => metadata.name === claim.spec?.volumeName);
    assert.ok(volume !== undefined, `the volume of claim ${name} is gone`);
    assert.equal(volume.spec?.claimRef?.uid, claim.metadata.uid, `volume and claim ${name} name each other`);
    assert.equal(await readVolume(namespace, volume), contentOf(name, data), `the data of claim ${name}`);
  }
}

async function checkWorkload({ namespace }: Scene, { kind, name, replicas }: Workload): Promise<void> {
  const { spec, status } = await namespace.api.get<V1Deployment>(kind, name, namespace.name);
  assert.equal(spec?.replicas, replicas, `the replicas of ${kind} ${name}`);
  assert.equal(status?.readyReplicas, replicas, `the ready replicas of ${kind} ${name}`);
}

/** Nothing is there that shouldn't be, and what is parked is as it should be. */
async function checkNothingLeft(scene: Scene, state: State): Promise<void> {
  const { namespace, claims } = scene;
  const [present, volumes, leases, records] = await Promise.all([
    list<Claim>(namespace, 'PersistentVolumeClaim'),
    volumesOf(namespace),
    list(namespace, 'Lease'),
    recordsOf(namespace),
  ]);
  assert.deepEqual(present.map(({ metadata }) => metadata.name).sort(), [...claims].sort(), 'the claims');
  assert.deepEqual(
    leases.map(({ metadata }) => metadata.name),
    [],
    'the Leases',
  );
  const inUse = new Set(present.map(({ spec }) => spec?.volumeName));
  for (const volume of volumes.filter(({ metadata }) => inUse.has(metadata.name))) checkOrdinary(volume);
  const behind = volumes.filter(({ metadata }) => !inUse.has(metadata.name));
  const parked = await Promise.all(behind.map(async (volume) => [nameOf(volume), await readVolume(namespace, volume)]));
  const text = scene.keeps === 'volumes' ? state.parked : undefined;
  const wanted = text === undefined ? [] : claims.map((name) => [`${name}: parked, Retain`, contentOf(name, text)]);
  assert.deepEqual(parked.sort(), wanted.sort(), 'the volumes that no claim has');
  const kept = scene.keeps === 'volumes' ? behind : await safetySnapshots(namespace);
  checkRecords(records, kept);
  await checkStorage(scene, volumes);
  await checkSnapshots(scene, state);
}

/** One, completed, as long as it keeps anything; it names what it keeps, or that names it. */
function checkRecords(
  records: Awaited<ReturnType<typeof recordsOf>>,
  kept: readonly { metadata: { labels?: Record<string, string> } }[],
): void {
  const plans = records.map(({ data }) => data?.plan ?? '').join();
  const isNamed = (keeper: string): boolean => plans.includes(`"${keeper}"`);
  const keepers = new Set(
    kept.map(({ metadata: { labels = {} } }) => labels['pvsnap.io/operation'] ?? labels['pvsnap.io/set'] ?? ''),
  );
  assert.deepEqual(
    records.map(({ data }) => data?.phase),
    keepers.size > 0 ? ['completed'] : [],
    'the records',
  );
  assert.deepEqual(
    [...keepers].filter((keeper) => !isNamed(keeper)),
    [],
    'what no record names',
  );
}

/** Its claimRef may name the staging claim: what stands on it tells which claim it is for. */
function nameOf({ metadata: { labels = {}, annotations = {} }, spec }: Volume): string {
  const { metadata } = JSON.parse(annotations['pvsnap.io/claim'] ?? '{"metadata":{}}') as V1PersistentVolumeClaim;
  const policy = spec?.persistentVolumeReclaimPolicy ?? '';
  return `${metadata?.name ?? spec?.claimRef?.name ?? ''}: ${labels['pvsnap.io/role'] ?? ''}, ${policy}`;
}

/** With the reclaim policy of its class, and no marks that a later operation would read. */
function checkOrdinary({ metadata: { name, labels = {}, annotations = {} }, spec }: Volume): void {
  assert.equal(spec?.persistentVolumeReclaimPolicy, 'Delete', `the reclaim policy of ${name}, which is in use`);
  const marks = [...Object.keys(labels), ...Object.keys(annotations)].filter((key) => key.startsWith('pvsnap.io/'));
  assert.deepEqual(
    marks.filter((key) => key !== 'pvsnap.io/set'),
    [],
    `the marks on ${name}, which is in use`,
  );
}
