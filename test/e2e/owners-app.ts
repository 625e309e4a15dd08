/** Applications whose claims belong to operators, for the tests of `restore` with owners. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { V1Deployment, V1StatefulSet } from '@kubernetes/client-node';
import type { Condition } from '../cluster/api.ts';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import type { EventStreamsOperator, Trace } from '../cluster/operators/event-streams.ts';
import { eventStreams, openEventStreamsOperator } from '../cluster/operators/event-streams.ts';
import { isRolledOut } from '../cluster/states.ts';
import { pvsnap } from './program.ts';
import { fill, takeSet } from './restore-app.ts';
import { assertRestored } from './restore-checks.ts';

/** How long the run of a test may take. */
const RUN_TIMEOUT_MS = 150_000;

export interface EventStreamsApp {
  /** Where the operator's Deployment is. */
  home: TestNamespace;
  /** Where the claims are. */
  app: TestNamespace;
  operator: EventStreamsOperator;
  /** The names of its StatefulSets. */
  sets: string[];
  claims: string[];
}

/** StatefulSets es-kafka and es-zookeeper with one pod each under eventstreams/es, and the set `one` of their claims. */
export async function openEventStreams(t: TestContext, trace: Trace): Promise<EventStreamsApp> {
  const opened = await runEventStreams(t, trace);
  const { app, sets, claims } = opened;
  await fill(app, claims, 'before');
  await takeSet(
    app,
    'one',
    sets.map((name) => `sts/${name}`),
    claims,
  );
  return opened;
}

/** The same without data, and without a set. */
export async function runEventStreams(t: TestContext, trace: Trace): Promise<EventStreamsApp> {
  const [home, app] = await Promise.all([openNamespace(t), openNamespace(t)]);
  const operator = await openEventStreamsOperator(t, home, app, trace);
  const sets = ['es-kafka', 'es-zookeeper'];
  await app.apply([eventStreams(operator.kind, 'es', { replicas: 1 })]);
  await Promise.all(sets.map((name) => app.waitFor('StatefulSet', name, isRolledOut)));
  return { home, app, operator, sets, claims: sets.map((name) => `data-${name}-0`) };
}

/** Every claim has the set's data, and its former volume is parked. */
export async function assertAllRestored(app: TestNamespace, claims: readonly string[]): Promise<void> {
  await assertRestored(app, {
    claims: Object.fromEntries(claims.map((name) => [name, 'before'])),
    parked: claims.map((name) => [name, 'after']),
  });
}

/** Runs a verb in the namespace, which must succeed. */
export async function succeeds(
  namespace: TestNamespace,
  ...words: string[]
): Promise<{ stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await pvsnap(namespace, ...words, '--yes');
  assert.equal(code, 0, stderr);
  return { stdout, stderr };
}

/** The replicas that a Deployment or StatefulSet asks for, and the operations that hold it. */
export async function heldReplicas(
  { api, name: namespace }: TestNamespace,
  kind: 'Deployment' | 'StatefulSet',
  name: string,
): Promise<{ replicas: number | undefined; isHeld: boolean }> {
  const { spec, metadata } = await api.get<V1Deployment | V1StatefulSet>(kind, name, namespace);
  return { replicas: spec?.replicas, isHeld: metadata?.annotations?.['pvsnap.io/held'] !== undefined };
}

/**
 * When something comes to be true of an object, in the order in which the cluster's changes are stored: that of resource
 * versions, which all kinds share. Asked for before the run, awaited after it.
 */
export function moment<T extends object>(
  { api, name: namespace }: TestNamespace,
  kind: string,
  name: string,
  isTrue: Condition<T>,
): Promise<number> {
  const watched = { kind, namespace, fields: { 'metadata.name': name } };
  const seen = api.watchUntil<T>(watched, isTrue, AbortSignal.timeout(RUN_TIMEOUT_MS));
  const version = seen.then((object) => Number((object as Versioned).metadata.resourceVersion));
  // A run that fails is reported for itself.
  version.catch(() => undefined);
  return version;
}

interface Versioned {
  metadata: { resourceVersion: string };
}

/** Each before the next. */
export async function assertInOrder(moments: Record<string, Promise<number>>): Promise<void> {
  const versions = await Promise.all(Object.values(moments));
  const names = Object.keys(moments);
  const byTime = names.toSorted((a, b) => (versions[names.indexOf(a)] ?? 0) - (versions[names.indexOf(b)] ?? 0));
  assert.deepEqual(byTime, names);
}
