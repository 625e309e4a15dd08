/** Hand-made snapshots, contents and claims: only the fields that matter to the tests. */
import type { Claim, Content, Snapshot, SnapshotClass } from '../../src/cluster/objects.ts';

export const namespace = 'kafka';
export const driver = 'hostdir.csi.pvsnap.io';

type SnapshotParts = Partial<Omit<Snapshot, 'metadata'>> & { metadata?: Partial<Snapshot['metadata']> };

/** Ready, made of the claim, bound to `content-<name>`. */
export function snapshot(name: string, claim: string, { metadata, ...parts }: SnapshotParts = {}): Snapshot {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { name, namespace, uid: `uid-${name}`, creationTimestamp: '2026-11-01T00:00:00Z', ...metadata },
    spec: { source: { persistentVolumeClaimName: claim } },
    status: {
      readyToUse: true,
      boundVolumeSnapshotContentName: `content-${name}`,
      creationTime: '2026-11-01T00:00:01Z',
      restoreSize: '4Gi',
    },
    ...parts,
  };
}

/** Of the snapshot of that name, and says so. */
export function content(name: string, status: Content['status'] = {}, uid = `uid-${name}`): Content {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotContent',
    metadata: { name: `content-${name}` },
    spec: { deletionPolicy: 'Delete', driver, source: {}, volumeSnapshotRef: { namespace, name, uid } },
    status,
  };
}

export function snapshotClass(name: string, isDefault?: string, of = driver): SnapshotClass {
  const key = 'snapshot.storage.kubernetes.io/is-default-class';
  const annotations = isDefault === undefined ? {} : { annotations: { [key]: isDefault } };
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotClass',
    metadata: { name, ...annotations },
    driver: of,
    deletionPolicy: 'Delete',
  };
}

/** Bound to `pv-<name>`, as the API server returns it. */
export function boundClaim(name: string, storage = '4Gi', metadata: Partial<Claim['metadata']> = {}): Claim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace, uid: `uid-${name}`, resourceVersion: '7', ...metadata },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage } },
      storageClassName: 'fast',
      volumeMode: 'Filesystem',
      volumeName: `pv-${name}`,
    },
    status: { phase: 'Bound' },
  };
}
