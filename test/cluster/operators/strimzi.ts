/**
 * A stand-in for Strimzi's cluster operator, which is Java: no Go module to build it from. The objects are as it makes
 * them, and these are its two controllers, by its source (KafkaAssemblyOperator, KafkaReconciler, StrimziPodSetController):
 *
 * - that of Kafka makes claims and the StrimziPodSet. A Kafka that is annotated `strimzi.io/pause-reconciliation: "true"` gets
 *   the condition ReconciliationPaused, and nothing else is done for it.
 * - that of StrimziPodSet makes missing pods again and deletes ended ones. It knows nothing of a pause.
 */
import { isDeepStrictEqual } from 'node:util';
import type { TestContext } from 'node:test';
import type { V1Pod } from '@kubernetes/client-node';
import type { Api, KubeObject } from '../api.ts';
import type { TestNamespace } from '../namespace.ts';
import { claim, pod } from '../objects.ts';
import { control } from './control.ts';
import { apiKind, define, kinds } from './definitions.ts';
import { deploy, type Deployed } from './deployed.ts';
import { connectAs } from './identity.ts';
import { holdLease } from './lease.ts';
import { ensure, hasEnded, listOf, ownerOf } from './objects.ts';

const PAUSE = 'strimzi.io/pause-reconciliation';

export interface StrimziOperator extends Deployed {
  /** The name of its Deployment: the real one's, and an end that tells it from those of other tests. */
  deployment: string;
  /** What it has made anew since the resources were first complete, such as `pod my-cluster-kafka-0`. */
  acts: readonly string[];
}

/** @param watched the namespace whose resources it looks after */
export async function openStrimziOperator(
  test: TestContext,
  home: TestNamespace,
  watched: TestNamespace,
): Promise<StrimziOperator> {
  await define(home.api, [kinds.kafka, kinds.podSet]);
  const acts: string[] = [];
  const deployment = `strimzi-cluster-operator-of-${home.name}`;
  const deployed = await deploy(test, home, {
    name: deployment,
    image: 'quay.io/strimzi/operator:0.45.0',
    labels: { app: 'strimzi' },
    start: async (podName) => {
      const api = await connectAs(home.cluster, home.name, deployment, deployment);
      const release = await holdLease(api, home.name, 'strimzi-cluster-operator', podName);
      const stop = lookAfter(api, watched.name, acts);
      return async () => {
        release();
        await stop();
        api.close();
      };
    },
  });
  return { ...deployed, deployment, acts };
}

/**
 * A Kafka with so many brokers `<name>-kafka-<n>`, each with its claim `data-<name>-kafka-<n>`.
 * @param deleteClaim the claims belong to the Kafka, and go with it
 */
export function kafka(name: string, { replicas = 2, deleteClaim = false } = {}): KubeObject {
  const storage = { type: 'persistent-claim', size: '1Gi', deleteClaim };
  return { ...kinds.kafka, metadata: { name }, spec: { kafka: { replicas, storage } } };
}

interface Kafka extends KubeObject {
  spec: { kafka: { replicas: number; storage: { size: string; deleteClaim: boolean } } };
  metadata: KubeObject['metadata'] & { generation: number };
  status?: object;
}

interface PodSet extends KubeObject {
  spec: { pods: KubeObject[] };
  metadata: KubeObject['metadata'] & { generation: number };
  status?: object;
}

function lookAfter(api: Api, namespace: string, acts: string[]): () => Promise<void> {
  const own = [apiKind(kinds.kafka), apiKind(kinds.podSet), 'Pod', 'PersistentVolumeClaim'];
  return control(
    api,
    own.map((kind) => ({ kind, namespace, fields: {} })),
    async () => {
      const pods = await listOf<V1Pod>(api, 'Pod', namespace);
      const isReady = (name: string): boolean =>
        pods.some(({ metadata, status }) => metadata?.name === name && status?.phase === 'Running');
      for (const object of await listOf<Kafka>(api, apiKind(kinds.kafka), namespace)) {
        await reconcileKafka(api, object, isReady, acts);
      }
      for (const object of await listOf<PodSet>(api, apiKind(kinds.podSet), namespace)) {
        await reconcilePods(api, object, pods, acts);
      }
    },
  );
}

async function reconcileKafka(
  api: Api,
  object: Kafka,
  isReady: (pod: string) => boolean,
  acts: string[],
): Promise<void> {
  const { namespace, annotations = {}, generation } = object.metadata;
  const pods = brokersOf(object);
  const setStatus = async (type: string, status: 'True' | 'False'): Promise<void> => {
    await writeStatus(api, object, { conditions: [{ type, status }], observedGeneration: generation });
  };
  if (annotations[PAUSE] === 'true') {
    await setStatus('ReconciliationPaused', 'True');
    return;
  }
  const isNew = object.status === undefined;
  for (const name of pods) {
    if ((await ensure(api, claimOf(object, name), namespace)) && !isNew) acts.push(`claim data-${name}`);
  }
  await ensure(api, podSetOf(object, pods), namespace);
  await setStatus('Ready', pods.every(isReady) ? 'True' : 'False');
}

async function reconcilePods(api: Api, set: PodSet, present: V1Pod[], acts: string[]): Promise<void> {
  const { namespace, generation } = set.metadata;
  const ownerReferences = [ownerOf(set, { controller: true, block: false })];
  for (const wanted of set.spec.pods) {
    const { name } = wanted.metadata;
    const found = present.find(({ metadata }) => metadata?.name === name);
    if (found !== undefined && hasEnded(found)) await api.delete('Pod', name, namespace);
    if (found !== undefined) continue;
    const made = await ensure(
      api,
      { ...wanted, metadata: { ...wanted.metadata, ownerReferences } as never },
      namespace,
    );
    if (made && set.status !== undefined) acts.push(`pod ${name}`);
  }
  const names = set.spec.pods.map(({ metadata }) => metadata.name);
  const running = present.filter(({ metadata, status }) => names.includes(metadata?.name ?? '') && isRunning(status));
  const counts = { pods: names.length, readyPods: running.length, currentPods: running.length };
  await writeStatus(api, set, { ...counts, observedGeneration: generation });
}

function isRunning(status: V1Pod['status']): boolean {
  return status?.phase === 'Running';
}

async function writeStatus(api: Api, object: Kafka | PodSet, status: object): Promise<void> {
  if (isDeepStrictEqual(object.status, status)) return;
  const { name, namespace = '' } = object.metadata;
  await api.patch({ kind: apiKind(object), name, namespace, subresource: 'status' }, { status });
}

function brokersOf({ metadata, spec }: Kafka): string[] {
  return Array.from({ length: spec.kafka.replicas }, (_, ordinal) => `${metadata.name}-kafka-${ordinal}`);
}

function labelsOf(object: Kafka): Record<string, string> {
  const { name } = object.metadata;
  return {
    'strimzi.io/cluster': name,
    'strimzi.io/kind': 'Kafka',
    'strimzi.io/name': `${name}-kafka`,
    'app.kubernetes.io/managed-by': 'strimzi-cluster-operator',
    'app.kubernetes.io/instance': name,
  };
}

function claimOf(object: Kafka, podName: string): KubeObject {
  const { size, deleteClaim } = object.spec.kafka.storage;
  const made = claim(`data-${podName}`, { size, labels: labelsOf(object) });
  if (!deleteClaim) return made;
  const ownerReferences = [ownerOf(object, { controller: false, block: false })];
  return { ...made, metadata: { ...made.metadata, ownerReferences } as KubeObject['metadata'] };
}

function podSetOf(object: Kafka, pods: readonly string[]): KubeObject {
  const set = `${object.metadata.name}-kafka`;
  const ownerReferences = [ownerOf(object, { controller: false, block: false })];
  const ofPods = { ...labelsOf(object), 'strimzi.io/controller': 'strimzipodset', 'strimzi.io/controller-name': set };
  return {
    ...kinds.podSet,
    metadata: { name: set, labels: labelsOf(object), ownerReferences } as KubeObject['metadata'],
    spec: {
      selector: { matchLabels: { 'strimzi.io/cluster': object.metadata.name, 'strimzi.io/name': set } },
      pods: pods.map((name) => ({
        ...pod(name, [`data-${name}`]),
        metadata: { name, labels: { ...ofPods, 'strimzi.io/pod-name': name } },
      })),
    },
  };
}
