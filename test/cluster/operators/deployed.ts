/**
 * Deployments on the simulated nodes whose pods are more than written down: a program starts when its pod runs, and the
 * pod goes when the program has ended. So an operator that is scaled to 0 is gone, and is back when it is scaled up.
 */
import { once } from 'node:events';
import type { V1Pod } from '@kubernetes/client-node';
import { ApiError, connect, type Api, type KubeObject } from '../api.ts';
import type { Lifetime, TestNamespace } from '../namespace.ts';
import { isRolledOut } from '../states.ts';
import { control } from './control.ts';
import { listOf } from './objects.ts';

/** Keeps a pod that is deleted until its program has ended, as a kubelet does. */
const HOLD = 'test.pvsnap.io/process';
const END_TIMEOUT_MS = 60_000;

export interface DeployedProgram {
  name: string;
  /** Where it isn't called as the Deployment. */
  container?: string;
  image: string;
  command?: string[];
  args?: string[];
  labels?: Record<string, string>;
  replicas?: number;
  /** @returns once it runs, with what ends it */
  start: (pod: string) => Promise<End>;
}

/** Resolves when nothing of it is left. */
export type End = () => Promise<void>;

export interface Deployed {
  /** The pods whose programs run now. */
  running: () => string[];
  /** Resolves when as many run as were deployed: a pod may be Running and Ready a moment before its program is. */
  started: () => Promise<void>;
  /** Resolves when none of them runs. */
  ended: () => Promise<void>;
}

/** Makes the Deployment, and returns when its programs run. They end with the test. */
export async function deploy(test: Lifetime, namespace: TestNamespace, program: DeployedProgram): Promise<Deployed> {
  const api = connect(namespace.cluster.credentials);
  const kubelet = simulateKubelet(api, namespace.name, program);
  test.after(async () => {
    await scaleToZero(api, namespace.name, program.name);
    await kubelet.close();
    // The next test must not take it for its own operator while the namespace goes.
    await api.delete('Deployment', program.name, namespace.name).catch(unlessGone);
    api.close();
  });
  await namespace.apply([deploymentOf(program)]);
  await namespace.waitFor('Deployment', program.name, isRolledOut);
  const untilRunning = (count: number): Promise<void> => kubelet.until(() => kubelet.running().length === count);
  const started = (): Promise<void> => untilRunning(program.replicas ?? 1);
  await started();
  return { running: kubelet.running, started, ended: () => untilRunning(0) };
}

interface Kubelet {
  running: () => string[];
  until: (isTrue: () => boolean) => Promise<void>;
  /** Waits until no pod is left. */
  close: () => Promise<void>;
}

function simulateKubelet(api: Api, namespace: string, { name, start }: DeployedProgram): Kubelet {
  const programs = new Map<string, End>();
  const changes = new EventTarget();
  let podsLeft = 0;
  const end = async (pod: string): Promise<void> => {
    await programs.get(pod)?.();
    programs.delete(pod);
  };
  const reconcile = async (): Promise<void> => {
    const pods = (await listOf<V1Pod>(api, 'Pod', namespace)).filter(({ metadata }) => metadata?.labels?.app === name);
    const present = pods.map(({ metadata }) => metadata?.name ?? '');
    await Promise.all([...programs.keys()].filter((pod) => !present.includes(pod)).map(end));
    for (const { metadata, status } of pods) {
      const pod = metadata?.name ?? '';
      if (metadata?.deletionTimestamp !== undefined) {
        await end(pod);
        await api.patch({ kind: 'Pod', name: pod, namespace }, { metadata: { finalizers: null } }).catch(unlessGone);
      } else if (status?.phase === 'Running' && !programs.has(pod)) programs.set(pod, await start(pod));
    }
    podsLeft = pods.length;
    changes.dispatchEvent(new Event('change'));
  };
  const stop = control(api, [{ kind: 'Pod', namespace, fields: {} }], reconcile);
  const until = async (isTrue: () => boolean): Promise<void> => {
    const signal = AbortSignal.timeout(END_TIMEOUT_MS);
    while (!isTrue()) await once(changes, 'change', { signal });
  };
  return {
    running: () => [...programs.keys()],
    until,
    close: async () => {
      try {
        await until(() => podsLeft === 0);
      } finally {
        await stop();
        await Promise.all([...programs.keys()].map(end));
      }
    },
  };
}

/** The namespace may be on its way out, and the Deployment with it. */
async function scaleToZero(api: Api, namespace: string, name: string): Promise<void> {
  const scale = { kind: 'Deployment', name, namespace, subresource: 'scale' } as const;
  await api.patch(scale, { spec: { replicas: 0 } }).catch(unlessGone);
}

function unlessGone(error: unknown): void {
  if (!(error instanceof ApiError && error.status === 404)) throw error;
}

function deploymentOf(program: DeployedProgram): KubeObject {
  const { name, container = name, image, command = [], args = [], labels = {}, replicas = 1 } = program;
  const app = { app: name, 'app.kubernetes.io/name': name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { ...app, ...labels } },
    spec: {
      replicas,
      selector: { matchLabels: app },
      template: {
        metadata: { labels: app, finalizers: [HOLD] },
        spec: { terminationGracePeriodSeconds: 1, containers: [{ name: container, image, command, args }] },
      },
    },
  };
}
