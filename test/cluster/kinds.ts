/** Where the API server keeps objects of a kind. */

interface Group {
  path: string;
  clusterWide?: string[];
  namespaced?: string[];
}

const groups: Group[] = [
  {
    path: '/api/v1',
    clusterWide: ['Namespace', 'Node', 'PersistentVolume'],
    namespaced: [
      ...['ConfigMap', 'Event', 'LimitRange', 'PersistentVolumeClaim', 'Pod', 'ReplicationController'],
      ...['Secret', 'ServiceAccount'],
    ],
  },
  { path: '/apis/apps/v1', namespaced: ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'] },
  { path: '/apis/batch/v1', namespaced: ['CronJob', 'Job'] },
  { path: '/apis/coordination.k8s.io/v1', namespaced: ['Lease'] },
  { path: '/apis/apiextensions.k8s.io/v1', clusterWide: ['CustomResourceDefinition'] },
  { path: '/apis/storage.k8s.io/v1', clusterWide: ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment'] },
  {
    path: '/apis/rbac.authorization.k8s.io/v1',
    clusterWide: ['ClusterRole', 'ClusterRoleBinding'],
    namespaced: ['Role', 'RoleBinding'],
  },
  {
    path: '/apis/snapshot.storage.k8s.io/v1',
    clusterWide: ['VolumeSnapshotClass', 'VolumeSnapshotContent'],
    namespaced: ['VolumeSnapshot'],
  },
  {
    path: '/apis/groupsnapshot.storage.k8s.io/v1',
    clusterWide: ['VolumeGroupSnapshotClass', 'VolumeGroupSnapshotContent'],
    namespaced: ['VolumeGroupSnapshot'],
  },
  {
    path: '/apis/velero.io/v1',
    namespaced: [
      ...['Backup', 'BackupStorageLocation', 'DeleteBackupRequest', 'DownloadRequest', 'Restore', 'Schedule'],
    ],
  },
];

/**
 * Path of the list that objects of a kind are in.
 * @param kind one of those above, or `resource.version.group` as kubectl has it
 * @throws Error for a kind that this file doesn't know
 */
export function listPath(kind: string, namespace?: string): string {
  const inNamespace = namespace ? `/namespaces/${namespace}` : '';
  for (const { path, clusterWide = [], namespaced = [] } of groups) {
    if (clusterWide.includes(kind)) return `${path}/${plural(kind)}`;
    if (namespaced.includes(kind)) return `${path}${inNamespace}/${plural(kind)}`;
  }
  const [resource = '', version = '', ...group] = kind.split('.');
  if (group.length > 0) return `/apis/${group.join('.')}/${version}${inNamespace}/${resource}`;
  throw new Error(`no path is known for the kind ${kind}: add it to kinds.ts`);
}

export function objectPath(kind: string, name: string, namespace?: string): string {
  return `${listPath(kind, namespace)}/${name}`;
}

/** How listPath knows the kind of an object: by `resource.version.group` where it is a custom resource's. */
export function kindOf({ apiVersion = '', kind }: { apiVersion?: unknown; kind: string }): string {
  const isKnown = groups.some(({ clusterWide, namespaced }) => [clusterWide, namespaced].flat().includes(kind));
  if (isKnown || typeof apiVersion !== 'string') return kind;
  const [group = '', version = ''] = apiVersion.split('/');
  return `${plural(kind)}.${version}.${group}`;
}

export function plural(kind: string): string {
  if (kind === 'EventStreams') return 'eventstreams';
  return `${kind.toLowerCase()}${kind.endsWith('s') ? 'es' : 's'}`;
}
