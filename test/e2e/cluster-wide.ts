/**
 * Objects that all tests see. What is made here must not change what others find: no default class of the cluster's
 * own driver, and names that begin with the namespace's.
 */
import type { TestContext } from 'node:test';
import { ApiError, type KubeObject } from '../cluster/api.ts';
import type { TestNamespace } from '../cluster/namespace.ts';

/** Creates them, and deletes those that are left after the test. */
export async function openClusterWide(test: TestContext, { api }: TestNamespace, objects: KubeObject[]): Promise<void> {
  test.after(() =>
    Promise.all(
      objects.map(async ({ kind, metadata }) => {
        await api.delete(kind, metadata.name).catch((error: unknown) => {
          if (!(error instanceof ApiError && error.status === 404)) throw error;
        });
      }),
    ),
  );
  await Promise.all(objects.map((object) => api.apply(object)));
}

export function snapshotClass(name: string, driver: string, annotations: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotClass',
    metadata: { name, annotations },
    driver,
    deletionPolicy: 'Delete',
  };
}

/** A volume made by hand, as some storage needs it. @param source such as `{ hostPath: { path: '/data' } }` */
export function volume(name: string, source: object): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      ...source,
    },
  };
}

/** A claim of that volume. */
export function claimOfVolume(name: string, volumeName: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: '',
      volumeName,
    },
  };
}
