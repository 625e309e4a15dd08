/** Hand-made objects for the tests of this folder: only the fields that matter to them. */
import type { Claim, Deployment, KubeObject, Pod, ReplicaSet, StatefulSet } from '../../src/cluster/objects.ts';

export const namespace = 'kafka';

export function claim(name: string, labels: Record<string, string> = {}): Claim {
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace, labels } };
}

type StatefulSetSpec = NonNullable<StatefulSet['spec']>;

/** Rests at `replicas`: its status says what its spec asks for. Its claim template is `data`. */
export function statefulSet(
  name: string,
  replicas: number,
  spec: Partial<StatefulSetSpec> = {},
  metadata: Partial<StatefulSet['metadata']> = {},
): StatefulSet {
  const matchLabels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace, uid: `uid-sts-${name}`, generation: 1, ...metadata },
    spec: {
      replicas,
      selector: { matchLabels },
      serviceName: name,
      template: { metadata: { labels: matchLabels }, spec: { containers: [] } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      volumeClaimTemplates: [{ metadata: { name: 'data' } }],
      ...spec,
    },
    status: { observedGeneration: 1, replicas, readyReplicas: replicas, updatedReplicas: replicas },
  };
}

/** Its pods use one claim, and its status says what its spec asks for. */
export function deployment(
  name: string,
  replicas: number,
  claimName: string,
  metadata: Partial<Deployment['metadata']> = {},
): Deployment {
  const matchLabels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, uid: `uid-deploy-${name}`, generation: 1, ...metadata },
    spec: {
      replicas,
      selector: { matchLabels },
      template: { metadata: { labels: matchLabels }, spec: { containers: [], volumes: [claimVolume(claimName)] } },
    },
    status: { observedGeneration: 1, replicas, updatedReplicas: replicas, availableReplicas: replicas },
  };
}

export function replicaSet(name: string, replicas: number, claimName: string, owner?: KubeObject): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace, uid: `uid-rs-${name}`, ...(owner !== undefined && ownedBy(owner)) },
    spec: {
      replicas,
      selector: {},
      template: { spec: { containers: [], volumes: [claimVolume(claimName)] } },
    },
  };
}

interface PodParts {
  claims?: string[];
  ephemeral?: string[];
  owner?: KubeObject;
  phase?: string;
  /** Empty: not scheduled. */
  node?: string;
  ready?: boolean;
  metadata?: Partial<Pod['metadata']>;
  status?: Pod['status'];
}

/** Running on node-a unless told otherwise. */
export function pod(name: string, parts: PodParts = {}): Pod {
  const { claims = [], ephemeral = [], owner, phase = 'Running', node = 'node-a', ready = false, metadata } = parts;
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: `uid-pod-${name}`,
      ...(owner !== undefined && ownedBy(owner)),
      ...metadata,
    },
    spec: {
      containers: [],
      ...(node !== '' && { nodeName: node }),
      volumes: [...claims.map(claimVolume), ...ephemeral.map((volume) => ({ name: volume, ephemeral: {} }))],
    },
    status: { phase, conditions, ...parts.status },
  };
}

/** An owner that is only referred to, such as a custom resource. */
export function owner(apiVersion: string, kind: string, name: string): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace, uid: `uid-${kind}-${name}` } };
}

function ownedBy(object: KubeObject): Pick<Pod['metadata'], 'ownerReferences'> {
  const { apiVersion, kind, metadata } = object;
  return {
    ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true }],
  };
}

function claimVolume(claimName: string): { name: string; persistentVolumeClaim: { claimName: string } } {
  return { name: 'volume', persistentVolumeClaim: { claimName } };
}
