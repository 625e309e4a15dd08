/** Where the faults happen: a namespace with a workload, its claims, and what is known of their data. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { claim, deployment } from '../cluster/objects.ts';
import { isRolledOut } from '../cluster/states.ts';
import { giveDocumentedRoles } from '../e2e/documented-roles.ts';
import { fill, runStatefulSet } from '../e2e/restore-app.ts';
import { list, volumesOf } from '../e2e/restore-checks.ts';
import type { Names } from './call.ts';

/** What should be where. Texts are those of `fill`; absent: there is none. */
export interface State {
  /** In the claims. */
  data: string;
  /** In the set. */
  set?: string | undefined;
  /** In the volumes that are parked, one for each claim. */
  parked?: string | undefined;
}

export type Shape = 'a StatefulSet with a claim' | 'a Deployment with two claims' | 'a claim that is replaced';

export interface Scene {
  namespace: TestNamespace;
  workload: { kind: 'StatefulSet' | 'Deployment'; name: string; replicas: number };
  claims: readonly string[];
  /** Flags of whoever restores, undoes and commits. */
  as: readonly string[];
  /** What keeps the data that is parked: by a user without rights on volumes, snapshots. */
  keeps: 'volumes' | 'snapshots';
  state: State;
  /** A text that no volume has yet. */
  newText: () => string;
}

/** The name of the set in every scene. */
export const setName = 'one';

export async function openScene(test: TestContext, shape: Shape): Promise<Scene> {
  const namespace = await openNamespace(test);
  let texts = 0;
  const newText = (): string => `text ${++texts}`;
  const data = newText();
  const isSet = shape !== 'a Deployment with two claims';
  const isReplaced = shape === 'a claim that is replaced';
  if (isReplaced) await giveDocumentedRoles(test, namespace, ['restore', 'replace', 'replace-cluster']);
  const claims = await (isSet ? runStatefulSet(namespace, 'db', { replicas: 1 }) : runDeployment(namespace));
  await fill(namespace, claims, data);
  const workload = { kind: isSet ? ('StatefulSet' as const) : ('Deployment' as const), name: 'db', replicas: 1 };
  return {
    namespace,
    workload,
    claims,
    as: isReplaced ? ['--as', namespace.name] : [],
    keeps: isReplaced ? 'snapshots' : 'volumes',
    state: { data },
    newText,
  };
}

/** One claim of each storage class. */
async function runDeployment(namespace: TestNamespace): Promise<string[]> {
  const claims = ['fast', 'zonal'] as const;
  await namespace.apply([
    ...claims.map((storageClass) => claim(storageClass, { storageClass })),
    deployment('db', [...claims]),
  ]);
  await namespace.waitFor('Deployment', 'db', isRolledOut);
  return [...claims];
}

/** Writes a text into the claims that no volume has yet. */
export async function writeAnew(scene: Scene): Promise<void> {
  const data = scene.newText();
  await fill(scene.namespace, scene.claims, data);
  scene.state = { ...scene.state, data };
}

export async function removeSet({ namespace }: Scene): Promise<void> {
  const { code, stderr } = await namespace.kubectl('delete', 'volumesnapshots', '--all', '--timeout=30s');
  assert.equal(code, 0, stderr);
}

/** By the claims that the volumes of this moment have, or had. */
export async function namesOf({ namespace }: Scene): Promise<Names> {
  const [claims, volumes] = await Promise.all([
    list<V1PersistentVolumeClaim>(namespace, 'PersistentVolumeClaim'),
    volumesOf(namespace),
  ]);
  const inUse = new Set(claims.map(({ spec }) => spec?.volumeName));
  return new Map(
    volumes.map(({ metadata, spec }) => {
      const role = inUse.has(metadata.name) ? 'present' : 'parked';
      return [metadata.name, `(${role} ${spec?.claimRef?.name ?? ''})`];
    }),
  );
}
