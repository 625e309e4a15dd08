/** Hand-made objects of Velero's, and of what it leaves behind: only the fields that matter to the tests. */
import type { Claim, Content, Deployment, Snapshot } from '../../../src/cluster/objects.ts';
import type { Backup } from '../../../src/velero/resources.ts';
import type { VeleroRestore } from '../../../src/velero/doctor/leftovers.ts';

export const nowMs = Date.parse('2026-11-20T12:00:00Z');
export const home = 'velero';
export const app = 'kafka';

/** As long before `nowMs` as said, as the API has it. */
export function hoursAgo(hours: number): string {
  return new Date(nowMs - hours * 3_600_000).toISOString();
}

export function ago(ms: number): string {
  return `${Math.round(ms / 60_000)}m`;
}

export function server(args: string[], { ready = 1, replicas = 1, image = 'velero/velero:v1.18.3' } = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'velero', namespace: home },
    spec: {
      replicas,
      selector: {},
      template: {
        spec: {
          containers: [{ name: 'helper' }, { name: 'main', image, command: ['/velero'], args: ['server', ...args] }],
        },
      },
    },
    status: { readyReplicas: ready },
  };
}

export function backup(name: string, spec: Backup['spec'] = {}, status: Backup['status'] = {}): Backup {
  return {
    apiVersion: 'velero.io/v1',
    kind: 'Backup',
    metadata: { name, namespace: home },
    spec: { includedNamespaces: [app], storageLocation: 'default', ...spec },
    status: { phase: 'Completed', startTimestamp: hoursAgo(1), ...status },
  };
}

export function restore(name: string, phase = 'Completed'): VeleroRestore {
  return { apiVersion: 'velero.io/v1', kind: 'Restore', metadata: { name, namespace: home }, status: { phase } };
}

const labels = { 'velero.io/backup-name': 'nightly', 'velero.io/restore-name': 'back' };

/** As a restore leaves it, with the content of the same name. */
export function leftSnapshot(name: string, parts: Partial<Snapshot['metadata']> = {}): Snapshot {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { name, namespace: app, uid: `uid-${name}`, labels, ...parts },
    spec: { source: { volumeSnapshotContentName: name } },
    status: { readyToUse: true, boundVolumeSnapshotContentName: name },
  };
}

export function leftContent(
  name: string,
  spec: Partial<Content['spec']> = {},
  metadata: Partial<Content['metadata']> = {},
): Content {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotContent',
    metadata: { name, uid: `uid-of-content-${name}`, resourceVersion: '1', labels, ...metadata },
    spec: {
      deletionPolicy: 'Retain',
      driver: 'hostdir.csi.pvsnap.io',
      source: { snapshotHandle: `handle-${name}` },
      volumeSnapshotRef: { namespace: app, name, uid: `uid-${name}` },
      ...spec,
    },
    status: { readyToUse: true, snapshotHandle: `handle-${name}` },
  };
}

/** @param snapshot that it is made from */
export function claimFrom(name: string, snapshot: string, phase: string): Claim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: app, creationTimestamp: hoursAgo(5) },
    spec: {
      volumeName: `pv-${name}`,
      dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: snapshot },
    },
    status: { phase },
  };
}
