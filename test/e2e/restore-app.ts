/** Workloads and claims with data, and sets of them, for the tests of `restore`. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { KubeObject } from '../cluster/api.ts';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import type { ClaimOptions } from '../cluster/objects.ts';
import { claim, snapshot, statefulSet } from '../cluster/objects.ts';
import { isBound, isReady, isRolledOut } from '../cluster/states.ts';
import { pvsnap } from './program.ts';

/** A StatefulSet with one pod, its claim data-db-0 with the text `after`, and a snapshot of it with `before`. */
export async function openApp(
  t: TestContext,
  storageClass: 'fast' | 'zonal' = 'fast',
): Promise<{ namespace: TestNamespace; snapshots: string[] }> {
  const namespace = await openNamespace(t);
  const claims = await runStatefulSet(namespace, 'db', { replicas: 1, storageClass });
  return { namespace, snapshots: await takeSnapshots(namespace, claims) };
}

/** Makes a StatefulSet and waits until its pods run. @returns its claims, each with the text `before` */
export async function runStatefulSet(
  namespace: TestNamespace,
  name: string,
  options: ClaimOptions & { replicas?: number } = {},
): Promise<string[]> {
  const { replicas = 2 } = options;
  const claims = Array.from({ length: replicas }, (_, ordinal) => `data-${name}-${ordinal}`);
  await namespace.apply([statefulSet(name, { ...options, replicas })]);
  await namespace.waitFor('StatefulSet', name, isRolledOut);
  await fill(namespace, claims, 'before');
  return claims;
}

/** Makes claims of class fast, and waits until they are bound. Each has the text `before`. */
export async function makeClaims(namespace: TestNamespace, names: string[], options: ClaimOptions = {}): Promise<void> {
  await namespace.apply(names.map((name) => claim(name, options)));
  await Promise.all(names.map((name) => namespace.waitFor('PersistentVolumeClaim', name, isBound)));
  await fill(namespace, names, 'before');
}

/** Writes the text into every claim, together with the claim's name, so that none is taken for another. */
export async function fill(namespace: TestNamespace, claims: readonly string[], text: string): Promise<void> {
  await Promise.all(claims.map((name) => namespace.write(name, 'data', contentOf(name, text))));
}

/** What `fill` writes. */
export function contentOf(claim: string, text: string): string {
  return `${claim}: ${text}`;
}

/** Takes a set, then writes `after` into the claims: data that a restore parks. */
export async function takeSet(
  namespace: TestNamespace,
  set: string,
  targets: readonly string[],
  claims: readonly string[],
): Promise<void> {
  const { code, stderr } = await pvsnap(namespace, 'create', ...targets, '--name', set);
  assert.equal(code, 0, stderr);
  await fill(namespace, claims, 'after');
}

/**
 * Makes a snapshot of each claim by hand, then writes `after` into the claims.
 * @returns the snapshots as `restore` takes them: `vs/of-<claim>`
 */
export async function takeSnapshots(namespace: TestNamespace, claims: readonly string[]): Promise<string[]> {
  const names = claims.map((name) => `of-${name}`);
  await namespace.apply(claims.map((name) => snapshot(`of-${name}`, name)));
  await Promise.all(names.map((name) => namespace.waitFor('VolumeSnapshot', name, isReady)));
  await fill(namespace, claims, 'after');
  return names.map((name) => `vs/${name}`);
}

/** The Lease of an operation of somebody else's. @param renewedMs when its holder was last alive */
export function leaseOf(holderIdentity: string, leaseDurationSeconds: number, renewedMs: number): KubeObject {
  const renewTime = new Date(renewedMs).toISOString().replace('Z', '000Z');
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'pvsnap' },
    spec: { holderIdentity, leaseDurationSeconds, renewTime },
  };
}
