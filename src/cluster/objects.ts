/**
 * Kubernetes objects as raw JSON: every field the server sent is kept, also those that these types don't know.
 * The types of fields come from client-node; its Dates are strings in JSON.
 */
import type {
  V1ConfigMap,
  V1CronJob,
  V1DaemonSet,
  V1Deployment,
  V1Job,
  V1Lease,
  V1Node,
  V1ObjectMeta,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1ReplicaSet,
  V1ReplicationController,
  V1ResourceQuota,
  V1StatefulSet,
  V1StorageClass,
  V1VolumeAttachment,
} from '@kubernetes/client-node';

/** A typed model as it stands in JSON. */
type Raw<T> = T extends Date
  ? string
  : T extends (infer E)[]
    ? Raw<E>[]
    : T extends object
      ? { [K in keyof T]: Raw<T[K]> }
      : T;

export type ObjectMeta = Raw<V1ObjectMeta> & { name: string };

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** A typed model whose metadata.name is known to be there, as in every object that an API server returns. */
type Stored<T> = Raw<Omit<T, 'metadata' | 'apiVersion' | 'kind'>> & KubeObject;

export type Claim = Stored<V1PersistentVolumeClaim>;
export type Volume = Stored<V1PersistentVolume>;
export type Pod = Stored<V1Pod>;
export type StatefulSet = Stored<V1StatefulSet>;
export type Deployment = Stored<V1Deployment>;
export type ReplicaSet = Stored<V1ReplicaSet>;
export type DaemonSet = Stored<V1DaemonSet>;
export type ReplicationController = Stored<V1ReplicationController>;
export type Job = Stored<V1Job>;
export type CronJob = Stored<V1CronJob>;
export type StorageClass = Stored<V1StorageClass>;
export type Node = Stored<V1Node>;
export type VolumeAttachment = Stored<V1VolumeAttachment>;
export type ConfigMap = Stored<V1ConfigMap>;
export type Lease = Stored<V1Lease>;
export type ResourceQuota = Stored<V1ResourceQuota>;

/** snapshot.storage.k8s.io/v1, from its CustomResourceDefinitions. */
export interface Snapshot extends KubeObject {
  spec: {
    source: { persistentVolumeClaimName?: string; volumeSnapshotContentName?: string };
    volumeSnapshotClassName?: string;
  };
  status?: {
    boundVolumeSnapshotContentName?: string;
    /** RFC 3339, whole seconds; the content has nanoseconds. */
    creationTime?: string;
    readyToUse?: boolean;
    restoreSize?: string;
    /** Set by the controller on the members of a group. */
    volumeGroupSnapshotName?: string;
    error?: SnapshotProblem;
  };
}

interface SnapshotProblem {
  message?: string;
  time?: string;
}

export interface Content extends KubeObject {
  spec: {
    deletionPolicy: 'Delete' | 'Retain';
    driver: string;
    source: { volumeHandle?: string; snapshotHandle?: string };
    sourceVolumeMode?: string;
    volumeSnapshotClassName?: string;
    volumeSnapshotRef: { namespace?: string; name?: string; uid?: string };
  };
  status?: {
    /** Nanoseconds since 1970; above 2^53, so read with care for the last digits. */
    creationTime?: number;
    readyToUse?: boolean;
    /** Bytes. */
    restoreSize?: number;
    snapshotHandle?: string;
    error?: SnapshotProblem;
  };
}

export interface SnapshotClass extends KubeObject {
  driver: string;
  deletionPolicy: 'Delete' | 'Retain';
  parameters?: Record<string, string>;
}

/** apps.openshift.io/v1, from openshift/api: of its spec and status only what is read here. */
export interface DeploymentConfig extends KubeObject {
  spec?: { replicas?: number; selector?: Record<string, string>; template?: { spec?: Pod['spec'] } };
  status?: { observedGeneration?: number; replicas?: number; updatedReplicas?: number; availableReplicas?: number };
}

export interface Scale extends KubeObject {
  spec: { replicas?: number };
  status?: { replicas: number; selector?: string };
}
