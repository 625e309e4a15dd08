/** The kinds of workloads whose pods may use claims. */
import type {
  DaemonSet,
  Deployment,
  DeploymentConfig,
  Job,
  Pod,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import {
  daemonSets,
  deploymentConfigs,
  deployments,
  jobs,
  pods,
  replicaSets,
  replicationControllers,
  statefulSets,
} from '../cluster/resources.ts';

export type WorkloadKind =
  | 'statefulset'
  | 'deployment'
  | 'replicaset'
  | 'daemonset'
  | 'job'
  | 'pod'
  | 'replicationcontroller'
  | 'deploymentconfig';

export type ScalableObject = StatefulSet | Deployment | ReplicaSet | ReplicationController | DeploymentConfig;
export type WorkloadObject = ScalableObject | DaemonSet | Job | Pod;

export interface Workload {
  kind: WorkloadKind;
  name: string;
  namespace: string;
  uid: string;
  /** How many pods are wanted; of a DaemonSet, how many nodes should run one. */
  replicas: number;
  object: WorkloadObject;
}

const resources: Record<WorkloadKind, Resource<WorkloadObject>> = {
  statefulset: statefulSets,
  deployment: deployments,
  replicaset: replicaSets,
  daemonset: daemonSets,
  job: jobs,
  pod: pods,
  replicationcontroller: replicationControllers,
  deploymentconfig: deploymentConfigs,
};

/** In the order in which messages name them. */
export const workloadKinds = Object.keys(resources) as readonly WorkloadKind[];

/** Such as `statefulset/es-kafka`. */
export function displayName({ kind, name }: { kind: string; name: string }): string {
  return `${kind}/${name}`;
}

export function resourceOf(kind: WorkloadKind): Resource<WorkloadObject> {
  return resources[kind];
}

export function isWorkloadKind(kind: string): kind is WorkloadKind {
  return Object.hasOwn(resources, kind);
}

export function workloadOf(kind: WorkloadKind, object: WorkloadObject): Workload {
  const { name, namespace = '', uid = '' } = object.metadata;
  return { kind, name, namespace, uid, replicas: replicasOf(kind, object), object };
}

/** The StatefulSet that a workload is; undefined for another kind. */
export function asStatefulSet({ kind, object }: { kind: string; object?: unknown }): StatefulSet | undefined {
  return kind === 'statefulset' ? (object as StatefulSet) : undefined;
}

/** The API server fills in 1 where spec.replicas or spec.parallelism is left out. */
function replicasOf(kind: WorkloadKind, object: WorkloadObject): number {
  switch (kind) {
    case 'statefulset':
    case 'deployment':
    case 'replicaset':
    case 'replicationcontroller':
    case 'deploymentconfig':
      return (object as ScalableObject).spec?.replicas ?? 1;
    case 'daemonset':
      return (object as DaemonSet).status?.desiredNumberScheduled ?? 0;
    case 'job':
      return (object as Job).spec?.suspend === true ? 0 : ((object as Job).spec?.parallelism ?? 1);
    case 'pod':
      return 1;
  }
}
