/** A workload, and a user without any right on volumes, for the tests of `--strategy replace`. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { V1PersistentVolumeClaim, V1StatefulSet } from '@kubernetes/client-node';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { isBound } from '../cluster/states.ts';
import { giveDocumentedRoles } from './documented-roles.ts';
import type { Running } from './program.ts';
import { start } from './program.ts';
import { contentOf, runStatefulSet, takeSet } from './restore-app.ts';
import { list, recordsOf } from './restore-checks.ts';

const claims = ['data-db-0', 'data-db-1'];

export interface App {
  namespace: TestNamespace;
  /** Runs the program as the user without rights on volumes. */
  as: (...words: string[]) => Running;
}

/** A StatefulSet with a set `one` of `before`, and `after` in its claims. */
export async function openReplaceable(t: TestContext, storageClass: 'fast' | 'zonal' = 'fast'): Promise<App> {
  const namespace = await openNamespace(t);
  await runStatefulSet(namespace, 'db', { storageClass });
  await takeSet(namespace, 'one', ['sts/db'], claims);
  await giveDocumentedRoles(t, namespace, ['restore', 'replace', 'replace-cluster']);
  return { namespace, as: (...words) => start(namespace, ...words, '--as', namespace.name) };
}

/** @returns the operation that it names */
export async function succeed({ as }: App, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await as(...words, '--yes').finished;
  assert.equal(code, 0, stderr);
  return /^operation\/(\S+)/.exec(stdout)?.[1] ?? '';
}

export async function uids({ namespace }: App): Promise<(string | undefined)[]> {
  const present = await list<V1PersistentVolumeClaim>(namespace, 'PersistentVolumeClaim');
  return present.map(({ metadata }) => metadata.uid);
}

export async function setsOf({ namespace }: App): Promise<string[]> {
  const all = await list(namespace, 'VolumeSnapshot');
  return [...new Set(all.map(({ metadata }) => metadata.labels?.['pvsnap.io/set'] ?? ''))].sort();
}

/** The bytes in the claims, the workload ready, no Lease, and these sets and records. */
export async function assertIs(app: App, text: string, left: { sets: string[]; records: string[] }): Promise<void> {
  const { namespace } = app;
  for (const name of claims) {
    await namespace.waitFor('PersistentVolumeClaim', name, isBound);
    assert.equal(await namespace.read(name, 'data'), contentOf(name, text));
  }
  const { spec, status } = await namespace.api.get<V1StatefulSet>('StatefulSet', 'db', namespace.name);
  assert.deepEqual([spec?.replicas, status?.readyReplicas], [2, 2]);
  assert.deepEqual(await list(namespace, 'Lease'), []);
  assert.deepEqual(await setsOf(app), ['one', ...left.sets].sort());
  const records = (await recordsOf(namespace)).map(
    ({ metadata, data }) => `${metadata?.name ?? ''} ${data?.phase ?? ''}`,
  );
  assert.deepEqual(
    records,
    left.records.map((name) => `pvsnap-${name} completed`),
  );
}
