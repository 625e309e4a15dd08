/** The API resources that the program works with. Types not known here are found by discovery, never guessed. */
import type {
  Claim,
  ConfigMap,
  Content,
  CronJob,
  DaemonSet,
  Deployment,
  DeploymentConfig,
  Job,
  KubeObject,
  Lease,
  Node,
  Pod,
  ReplicaSet,
  ReplicationController,
  ResourceQuota,
  Snapshot,
  SnapshotClass,
  StatefulSet,
  StorageClass,
  Volume,
  VolumeAttachment,
} from './objects.ts';
import { UsageError } from '../errors.ts';

/** Where a kind of object stands in the API. `T` is the type of its objects and exists at compile time only. */
export interface Resource<T extends KubeObject = KubeObject> {
  /** Empty for the core group. */
  group: string;
  version: string;
  plural: string;
  singular: string;
  kind: string;
  shortNames: readonly string[];
  namespaced: boolean;
  readonly __object?: T;
}

export const claims: Resource<Claim> = core('persistentvolumeclaims', 'PersistentVolumeClaim', ['pvc']);
export const volumes: Resource<Volume> = {
  ...core('persistentvolumes', 'PersistentVolume', ['pv']),
  namespaced: false,
};
export const pods: Resource<Pod> = core('pods', 'Pod', ['po']);
export const nodes: Resource<Node> = { ...core('nodes', 'Node', ['no']), namespaced: false };
export const events: Resource = core('events', 'Event', ['ev']);
export const configMaps: Resource<ConfigMap> = core('configmaps', 'ConfigMap', ['cm']);
export const resourceQuotas: Resource<ResourceQuota> = core('resourcequotas', 'ResourceQuota', ['quota']);

export const statefulSets: Resource<StatefulSet> = apps('statefulsets', 'StatefulSet', ['sts']);
export const deployments: Resource<Deployment> = apps('deployments', 'Deployment', ['deploy']);
export const replicaSets: Resource<ReplicaSet> = apps('replicasets', 'ReplicaSet', ['rs']);
export const daemonSets: Resource<DaemonSet> = apps('daemonsets', 'DaemonSet', ['ds']);
export const replicationControllers: Resource<ReplicationController> = core(
  'replicationcontrollers',
  'ReplicationController',
  ['rc'],
);
export const jobs: Resource<Job> = grouped('batch', 'v1', 'jobs', 'Job', []);
export const cronJobs: Resource<CronJob> = grouped('batch', 'v1', 'cronjobs', 'CronJob', ['cj']);
/** On OpenShift only. */
export const deploymentConfigs: Resource<DeploymentConfig> = grouped(
  'apps.openshift.io',
  'v1',
  'deploymentconfigs',
  'DeploymentConfig',
  ['dc'],
);
export const leases: Resource<Lease> = grouped('coordination.k8s.io', 'v1', 'leases', 'Lease', []);

export const storageClasses: Resource<StorageClass> = {
  ...grouped<StorageClass>('storage.k8s.io', 'v1', 'storageclasses', 'StorageClass', ['sc']),
  namespaced: false,
};
export const volumeAttachments: Resource<VolumeAttachment> = {
  ...grouped<VolumeAttachment>('storage.k8s.io', 'v1', 'volumeattachments', 'VolumeAttachment', []),
  namespaced: false,
};

export const snapshots: Resource<Snapshot> = snapshotApi('volumesnapshots', 'VolumeSnapshot', ['vs']);
export const contents: Resource<Content> = {
  ...snapshotApi<Content>('volumesnapshotcontents', 'VolumeSnapshotContent', ['vsc', 'vscs']),
  namespaced: false,
};
export const snapshotClasses: Resource<SnapshotClass> = {
  ...snapshotApi<SnapshotClass>('volumesnapshotclasses', 'VolumeSnapshotClass', ['vsclass', 'vsclasses']),
  namespaced: false,
};

export const groupSnapshots: Resource = groupSnapshotApi('volumegroupsnapshots', 'VolumeGroupSnapshot', ['vgs']);
export const groupSnapshotContents: Resource = {
  ...groupSnapshotApi('volumegroupsnapshotcontents', 'VolumeGroupSnapshotContent', ['vgsc', 'vgscs']),
  namespaced: false,
};
export const groupSnapshotClasses: Resource = {
  ...groupSnapshotApi('volumegroupsnapshotclasses', 'VolumeGroupSnapshotClass', ['vgsclass', 'vgsclasses']),
  namespaced: false,
};

/** `plural` or `plural.group`, as kubectl names a resource in errors. */
export function qualifiedName(resource: Pick<Resource, 'group' | 'plural'>): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

export function apiVersionOf(resource: Pick<Resource, 'group' | 'version'>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/**
 * The path of a collection or of one object.
 * @throws UsageError for a name that would lead elsewhere
 * @param namespace needed for namespaced resources, unless all are meant
 */
export function pathOf(resource: Resource, namespace: string | undefined, name?: string, subresource?: string): string {
  for (const part of [namespace, name]) {
    if (part === '.' || part === '..') throw new UsageError(`invalid resource name "${part}": [may not be '${part}']`);
    if (part?.includes('/') === true) throw new UsageError(`invalid resource name "${part}": [may not contain '/']`);
  }
  const parts = [resource.group === '' ? '/api' : `/apis/${resource.group}`, resource.version];
  if (resource.namespaced && namespace !== undefined) parts.push('namespaces', encodeURIComponent(namespace));
  parts.push(resource.plural);
  if (name !== undefined) parts.push(encodeURIComponent(name));
  if (subresource !== undefined) parts.push(subresource);
  return parts.join('/');
}

/** Whether a word on the command line, in any case, means this resource: plural, singular, short, or with its group. */
export function isNamed(resource: Resource, word: string): boolean {
  const [name, ...group] = word.toLowerCase().split('.');
  const named = name !== undefined && [resource.plural, resource.singular, ...resource.shortNames].includes(name);
  const groupWord = group.join('.');
  return named && ['', resource.group, `${resource.version}.${resource.group}`].includes(groupWord);
}

function core<T extends KubeObject>(plural: string, kind: string, shortNames: string[]): Resource<T> {
  return grouped('', 'v1', plural, kind, shortNames);
}

function apps<T extends KubeObject>(plural: string, kind: string, shortNames: string[]): Resource<T> {
  return grouped('apps', 'v1', plural, kind, shortNames);
}

function snapshotApi<T extends KubeObject>(plural: string, kind: string, shortNames: string[]): Resource<T> {
  return grouped('snapshot.storage.k8s.io', 'v1', plural, kind, shortNames);
}

/** Older clusters serve it as v1beta2 only. */
function groupSnapshotApi(plural: string, kind: string, shortNames: string[]): Resource {
  return grouped('groupsnapshot.storage.k8s.io', 'v1', plural, kind, shortNames);
}

function grouped<T extends KubeObject>(
  group: string,
  version: string,
  plural: string,
  kind: string,
  shortNames: string[],
): Resource<T> {
  return { group, version, plural, kind, shortNames, singular: kind.toLowerCase(), namespaced: true };
}
