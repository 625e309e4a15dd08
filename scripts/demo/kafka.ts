/** The workload of the demo: a small Kafka of two StatefulSets, with its volumes. */
import { join } from 'node:path';
import type { V1PersistentVolume, V1PersistentVolumeClaim, V1StatefulSet } from '@kubernetes/client-node';
import type { Api } from '../../test/cluster/api.ts';
import type { ClusterFacts } from '../../test/cluster/facts.ts';
import { statefulSet } from '../../test/cluster/objects.ts';

export const namespace = 'kafka';
export const workloads = ['es-kafka', 'es-zookeeper'] as const;
const claims = workloads.flatMap((name) => [0, 1, 2].map((ordinal) => `data-${name}-${ordinal}`));

const deployTimeoutMs = 60_000;

/** What a claim is bound to at the moment. */
export interface Bound {
  claim: string;
  volume: string;
  /** What the claim was given, such as `4Gi`. */
  size: string;
  /** The folder with the data, which the test cluster's CSI driver keeps on this machine. */
  directory: string;
}

/**
 * Creates both, es-kafka on an Immediate class, es-zookeeper on one that waits for a pod, until all pods are ready.
 * @throws Error when they are not within a minute; the signal's reason
 */
export async function deploy(api: Api, signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.timeout(deployTimeoutMs);
  try {
    await untilDeployed(api, AbortSignal.any([signal, deadline]));
  } catch (error) {
    if (signal.aborted || !deadline.aborted) throw error;
    throw new Error(`the workload was not ready after ${deployTimeoutMs / 1000} s`, { cause: error });
  }
}

/**
 * How long the workload was down, as seen from outside: from the first StatefulSet wanted at 0 until all are ready
 * again. Begin it before the stop. @returns milliseconds
 */
export async function watchDowntime(api: Api, signal: AbortSignal): Promise<number> {
  let stoppedAtMs = Infinity;
  const isBack = (): ((workload: V1StatefulSet) => boolean) => {
    let isStopped = false;
    return (workload) => {
      if (workload.spec?.replicas === 0) {
        isStopped = true;
        stoppedAtMs = Math.min(stoppedAtMs, performance.now());
      }
      return isStopped && isReady(workload);
    };
  };
  await Promise.all(workloads.map((name) => watchWorkload(api, name, isBack(), signal)));
  return performance.now() - stoppedAtMs;
}

export function boundVolumes(api: Api, { driverState }: ClusterFacts): Promise<Bound[]> {
  return Promise.all(
    claims.map(async (claim) => {
      const { spec, status } = await api.get<V1PersistentVolumeClaim>('PersistentVolumeClaim', claim, namespace);
      const volume = spec?.volumeName ?? '';
      const handle = (await api.get<V1PersistentVolume>('PersistentVolume', volume)).spec?.csi?.volumeHandle ?? '';
      const size = status?.capacity?.storage ?? '';
      return { claim, volume, size, directory: join(driverState, 'volumes', handle) };
    }),
  );
}

async function untilDeployed(api: Api, signal: AbortSignal): Promise<void> {
  await api.create({ kind: 'Namespace', metadata: { name: namespace } });
  // Pods are refused until it is there.
  const account = { kind: 'ServiceAccount', namespace, fields: { 'metadata.name': 'default' } };
  await api.watchUntil(account, () => true, signal);
  await api.apply(statefulSet('es-kafka', { size: '4Gi', storageClass: 'fast' }), namespace);
  await api.apply(statefulSet('es-zookeeper', { size: '4Gi', storageClass: 'zonal' }), namespace);
  await Promise.all(workloads.map((name) => watchWorkload(api, name, isReady, signal)));
}

async function watchWorkload(
  api: Api,
  name: string,
  isTrue: (workload: V1StatefulSet) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const watched = { kind: 'StatefulSet', namespace, fields: { 'metadata.name': name } };
  await api.watchUntil<V1StatefulSet>(watched, isTrue, signal);
}

function isReady({ metadata, spec, status }: V1StatefulSet): boolean {
  const isSeen = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
  return isSeen && spec?.replicas === 3 && status?.readyReplicas === 3;
}
