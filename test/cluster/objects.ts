/** Objects as a user would write them, with defaults for what a test doesn't care about. */
import type { KubeObject } from './api.ts';

export interface ClaimOptions {
  /** `fast` binds at once, `zonal` waits for a pod. */
  storageClass?: 'fast' | 'zonal';
  size?: string;
  /** The name of the snapshot to make it from. */
  snapshot?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export function claim(name: string, options: ClaimOptions = {}): KubeObject {
  const { labels = {}, annotations = {} } = options;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, labels, annotations },
    spec: claimSpec(options),
  };
}

export function snapshot(name: string, claimName: string): KubeObject {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { name },
    spec: { source: { persistentVolumeClaimName: claimName } },
  };
}

export function pod(name: string, claimNames: string[]): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: podSpec(claimNames) };
}

/** A StatefulSet whose pods have a claim each: `data-<name>-<ordinal>`. */
export function statefulSet(name: string, options: ClaimOptions & { replicas?: number } = {}): KubeObject {
  const { replicas = 3, labels = {} } = options;
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, labels },
    spec: {
      replicas,
      serviceName: name,
      podManagementPolicy: 'Parallel',
      ...podTemplate(name, []),
      volumeClaimTemplates: [{ metadata: { name: 'data', labels }, spec: claimSpec(options) }],
    },
  };
}

/** A Deployment whose pods share claims that exist already. */
export function deployment(name: string, claimNames: string[], { replicas = 1 } = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas, ...podTemplate(name, claimNames) },
  };
}

function claimSpec({ storageClass = 'fast', size = '1Gi', snapshot: source }: ClaimOptions): object {
  return {
    accessModes: ['ReadWriteOnce'],
    storageClassName: storageClass,
    resources: { requests: { storage: size } },
    ...(source && { dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: source } }),
  };
}

function podTemplate(app: string, claimNames: string[]): object {
  return {
    selector: { matchLabels: { app } },
    template: { metadata: { labels: { app } }, spec: podSpec(claimNames) },
  };
}

/** The pods are simulated: image and mounts are only written down. */
function podSpec(claimNames: string[]): object {
  return {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'main', image: 'test' }],
    volumes: claimNames.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
  };
}
