/** A test's own part of the shared cluster. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { CoreV1Event, V1PersistentVolume, V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { ApiError, connect, type Api, type Condition, type KubeObject, type Watched } from './api.ts';
import { clearKnobs, setKnobs, type Knobs } from './csi-driver/knobs.ts';
import { readFacts, type ClusterFacts } from './facts.ts';
import { isGone } from './states.ts';

const WAIT_TIMEOUT_MS = 60_000;

export interface Finished {
  stdout: string;
  stderr: string;
  code: number;
}

export interface TestNamespace {
  name: string;
  cluster: ClusterFacts;
  api: Api;
  /** Runs kubectl in the namespace. An exit code other than 0 is not an error. */
  kubectl(...args: string[]): Promise<Finished>;
  /** Creates the objects in the namespace, or makes existing ones say what they say. */
  apply(objects: KubeObject[]): Promise<void>;
  /** Waits until an object of the namespace fulfils a condition, and returns it. @throws Error after a minute */
  waitFor<T extends object = KubeObject>(kind: string, name: string, isTrue: Condition<T>): Promise<T>;
  /** Waits until the object that is there now is gone, also when it is already. @throws Error after a minute */
  waitForGone(kind: string, name: string): Promise<void>;
  /**
   * Waits for an Event about an object of the namespace, or about a volume; one that is there already counts.
   * @param reason such as `ProvisioningFailed`
   * @throws Error after a minute
   */
  waitForEvent(name: string, reason: string): Promise<CoreV1Event>;
  /** The folder with the data of the volume that the claim is bound to. */
  claimDirectory(claim: string): Promise<string>;
  /** Writes a file of the claim's volume, as its pod would. */
  write(claim: string, file: string, text: string): Promise<void>;
  read(claim: string, file: string): Promise<string>;
  /** Turns the CSI driver's knobs for all claims of the namespace or for one, until the test ends. */
  knob(knobs: Knobs, claim?: string): Promise<void>;
}

/** What tells when something is no longer needed: a test's context is one. */
export interface Lifetime {
  after(end: () => Promise<void>): void;
}

/** Makes a namespace with a name of its own, which goes, with all that is in it, after the test. */
export async function openNamespace(test: TestContext): Promise<TestNamespace> {
  const cluster = await readFacts();
  const api = connect(cluster.credentials);
  const { metadata } = await api.create({ kind: 'Namespace', metadata: { generateName: 'test-' } });
  const { name } = metadata;
  test.after(async () => {
    // Answers at once: the controllers empty it while other tests go on.
    await api.delete('Namespace', name);
    api.close();
  });
  return useNamespace(test, cluster, api, name);
}

/** A namespace that is there. */
export async function useNamespace(
  lifetime: Lifetime,
  cluster: ClusterFacts,
  api: Api,
  name: string,
): Promise<TestNamespace> {
  const scopes = new Set<string>();
  lifetime.after(async () => {
    await Promise.all([...scopes].map((scope) => clearKnobs(cluster.driverState, scope)));
  });
  // Pods are refused until it is there.
  await waitFor(api, { kind: 'ServiceAccount', namespace: name, fields: { 'metadata.name': 'default' } }, () => true);
  return {
    name,
    cluster,
    api,
    kubectl: (...args) => run(join(cluster.programs, 'kubectl'), ['--namespace', name, ...args], cluster.kubeconfig),
    apply: async (objects) => {
      await Promise.all(objects.map((object) => api.apply(object, name)));
    },
    waitFor: (kind, objectName, isTrue) =>
      waitFor(api, { kind, namespace: name, fields: { 'metadata.name': objectName } }, isTrue),
    waitForGone: (kind, objectName) => waitForGone(api, kind, objectName, name),
    waitForEvent: (objectName, reason) => waitForEvent(api, name, objectName, reason),
    ...dataOf(name, api, cluster),
    knob: async (knobs, claim) => {
      const scope = claim ? `${name}/${claim}` : name;
      scopes.add(scope);
      await setKnobs(cluster.driverState, scope, knobs);
    },
  };
}

type DataAccess = Pick<TestNamespace, 'claimDirectory' | 'write' | 'read'>;

function dataOf(namespace: string, api: Api, { driverState }: ClusterFacts): DataAccess {
  const claimDirectory = async (claim: string): Promise<string> => {
    const { spec } = await api.get<V1PersistentVolumeClaim>('PersistentVolumeClaim', claim, namespace);
    if (!spec?.volumeName) throw new Error(`claim ${claim} has no volume: wait until it is bound`);
    const volume = await api.get<V1PersistentVolume>('PersistentVolume', spec.volumeName);
    return join(driverState, 'volumes', volume.spec?.csi?.volumeHandle ?? '');
  };
  return {
    claimDirectory,
    write: async (claim, file, text) => {
      const path = join(await claimDirectory(claim), file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    },
    read: async (claim, file) => readFile(join(await claimDirectory(claim), file), 'utf8'),
  };
}

function deadline(): AbortSignal {
  return AbortSignal.timeout(WAIT_TIMEOUT_MS);
}

async function waitFor<T extends object>(api: Api, watched: Watched, isTrue: Condition<T>): Promise<T> {
  const signal = deadline();
  let last: T | undefined;
  try {
    return await api.watchUntil<T>(watched, (now, isDeleted) => isTrue((last = now), isDeleted), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    const seen = last ? JSON.stringify(last) : 'nothing';
    throw new Error(`waited ${WAIT_TIMEOUT_MS / 1000} s for ${JSON.stringify(watched)}; last seen: ${seen}`);
  }
}

/** A watch that begins after the deletion would never tell of it. */
async function waitForGone(api: Api, kind: string, name: string, namespace: string): Promise<void> {
  const found = await api.get(kind, name, namespace).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  });
  if (found === undefined) return;
  const { resourceVersion: since = '' } = found.metadata;
  await waitFor(api, { kind, namespace, fields: { 'metadata.name': name }, since }, isGone);
}

/** Events about a volume, which is in no namespace, are in `default`. */
async function waitForEvent(api: Api, namespace: string, name: string, reason: string): Promise<CoreV1Event> {
  const watched = { kind: 'Event', fields: { 'involvedObject.name': name, reason } };
  const isOurs = ({ involvedObject }: CoreV1Event): boolean => (involvedObject.namespace ?? namespace) === namespace;
  return waitFor(api, watched, isOurs);
}

async function run(command: string, args: string[], kubeconfig: string): Promise<Finished> {
  return new Promise((resolve) => {
    const env = { ...process.env, KUBECONFIG: kubeconfig };
    const child = execFile(command, args, { env }, (_, stdout, stderr) => {
      resolve({ stdout, stderr, code: child.exitCode ?? 1 });
    });
  });
}
