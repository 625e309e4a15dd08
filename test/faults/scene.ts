/** Where the faults happen: a namespace with a workload, its claims, and what is known of their data. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { claim, deployment } from '../cluster/objects.ts';
import { isRolledOut } from '../cluster/states.ts';
import { giveDocumentedRoles } from '../e2e/documented-roles.ts';
import type { EventStreamsApp } from '../e2e/owners-app.ts';
import { runEventStreams } from '../e2e/owners-app.ts';
import { fill, runStatefulSet } from '../e2e/restore-app.ts';
import { list, volumesOf } from '../e2e/restore-checks.ts';
import type { BackedUp } from './backup.ts';
import { openBackups } from './backup.ts';
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

/** The last one's StatefulSets have an operator that puts their replicas back as long as it runs. */
export type Shape =
  | 'a StatefulSet with a claim'
  | 'a Deployment with two claims'
  | 'a claim that is replaced'
  | 'an operator that fights'
  | "a backup of Velero's";

export interface Workload {
  kind: 'StatefulSet' | 'Deployment';
  name: string;
  replicas: number;
}

export interface Scene {
  namespace: TestNamespace;
  workloads: readonly Workload[];
  /** What owns the workloads, with a namespace of its own. */
  owner?: Pick<EventStreamsApp, 'home' | 'operator'>;
  claims: readonly string[];
  /** Where the set is a backup of Velero's. */
  backup?: BackedUp;
  /** Flags of whoever restores, undoes and commits. */
  as: readonly string[];
  /** What keeps the data that is parked: by a user without rights on volumes, snapshots. */
  keeps: 'volumes' | 'snapshots';
  state: State;
  /** A text that no volume has yet. */
  newText: () => string;
}

/** The name of the set in every scene whose set we take. */
export const setName = 'one';

export async function openScene(test: TestContext, shape: Shape): Promise<Scene> {
  let texts = 0;
  const newText = (): string => `text ${++texts}`;
  const data = newText();
  const scene = await shapes[shape](test);
  await fill(scene.namespace, scene.claims, data);
  return { as: [], keeps: 'volumes', ...scene, state: { data }, newText };
}

type Opened = Pick<Scene, 'namespace' | 'workloads' | 'claims'> & Partial<Scene>;

const shapes: Record<Shape, (test: TestContext) => Promise<Opened>> = {
  'a StatefulSet with a claim': async (test) => {
    const namespace = await openNamespace(test);
    return { namespace, workloads: [oneOf('StatefulSet', 'db')], claims: await runOne(namespace) };
  },
  'a Deployment with two claims': async (test) => {
    const namespace = await openNamespace(test);
    return { namespace, workloads: [oneOf('Deployment', 'db')], claims: await runDeployment(namespace) };
  },
  'a claim that is replaced': async (test) => {
    const namespace = await openNamespace(test);
    await giveDocumentedRoles(test, namespace, ['restore', 'replace', 'replace-cluster']);
    const claims = await runOne(namespace);
    return {
      namespace,
      workloads: [oneOf('StatefulSet', 'db')],
      claims,
      as: ['--as', namespace.name],
      keeps: 'snapshots',
    };
  },
  // An operator for each scene: one that all share would always be held by the operation of some other.
  'an operator that fights': async (test) => {
    const { app: namespace, claims, sets, ...owner } = await runEventStreams(test, 'writer');
    return { namespace, workloads: sets.map((name) => oneOf('StatefulSet', name)), claims, owner };
  },
  "a backup of Velero's": async (test) => {
    const backup = await openBackups(test);
    const namespace = await openNamespace(test);
    return { namespace, workloads: [oneOf('StatefulSet', 'db')], claims: await runOne(namespace), backup };
  },
};

function oneOf(kind: Workload['kind'], name: string): Workload {
  return { kind, name, replicas: 1 };
}

function runOne(namespace: TestNamespace): Promise<string[]> {
  return runStatefulSet(namespace, 'db', { replicas: 1 });
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

/** A backup stays: the next one has another name. */
export async function removeSet({ namespace, backup }: Scene): Promise<void> {
  if (backup !== undefined) return;
  const { code, stderr } = await namespace.kubectl('delete', 'volumesnapshots', '--all', '--timeout=60s');
  assert.equal(code, 0, stderr);
}

/** By the claims that the volumes of this moment have, or had. */
export async function namesOf({ namespace, owner, backup }: Scene): Promise<Names> {
  const [claims, volumes] = await Promise.all([
    list<V1PersistentVolumeClaim>(namespace, 'PersistentVolumeClaim'),
    volumesOf(namespace),
  ]);
  const inUse = new Set(claims.map(({ spec }) => spec?.volumeName));
  const names = volumes.map(({ metadata, spec }): [string, string] => {
    const role = inUse.has(metadata.name) ? 'present' : 'parked';
    return [metadata.name, `(${role} ${spec?.claimRef?.name ?? ''})`];
  });
  // Its Deployment and its API group are called after its namespace.
  const homes = owner === undefined ? [] : [[owner.home.name, '(home)'] as const];
  // Contents are called after the namespace of their snapshot, and so are the backups here.
  const place = backup === undefined ? [] : [[namespace.name, '(namespace)'] as const];
  return new Map([...names, ...homes, ...place]);
}
