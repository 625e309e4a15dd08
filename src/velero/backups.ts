/** Velero's backups as sets: who took them, of which namespaces, and how much of them is there. */
import type { Cluster } from '../cluster/cluster.ts';
import { ClusterError, RefusedError } from '../errors.ts';
import type { SnapshotSet } from '../sets/set.ts';
import type { Backup } from './resources.ts';
import { backups, scheduleLabel, setNameOf } from './resources.ts';

/** Where Velero is, as its own installer and OADP's have it, for a user who may not look for it. */
export const usualNamespaces = ['velero', 'openshift-adp'];

interface BackupScope {
  /** Where Velero is; absent: all namespaces, or where it usually is for a user who may not look there. */
  veleroNamespace?: string | undefined;
  labelSelector?: string | undefined;
}

/** All backups that the user may see; none where Velero isn't installed. */
export async function readBackups(
  cluster: Cluster,
  { veleroNamespace, labelSelector }: BackupScope,
): Promise<Backup[]> {
  if (veleroNamespace !== undefined) return listIn(cluster, veleroNamespace, labelSelector);
  try {
    return await cluster.list(backups, { labelSelector });
  } catch (error) {
    if (isAbsent(error)) return [];
    if (!isForbidden(error)) throw error;
  }
  return (await Promise.all(usualNamespaces.map((namespace) => listIn(cluster, namespace, labelSelector)))).flat();
}

async function listIn(cluster: Cluster, namespace: string, labelSelector: string | undefined): Promise<Backup[]> {
  try {
    return await cluster.list(backups, { namespace, labelSelector });
  } catch (error) {
    if (isAbsent(error) || isForbidden(error)) return [];
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 404;
}

function isForbidden(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 403;
}

/** @throws RefusedError when there is no such backup, or there are several */
export async function findBackup(cluster: Cluster, name: string, veleroNamespace?: string): Promise<Backup> {
  const found = (await readBackups(cluster, { veleroNamespace })).filter(({ metadata }) => metadata.name === name);
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  if (first === undefined) {
    throw new RefusedError(
      `there is no backup "${name}" of Velero${veleroNamespace === undefined ? '' : ` in namespace ${veleroNamespace}`}; ` +
        'see: kubectl pvsnap get sets -A',
    );
  }
  const namespaces = found.map(({ metadata }) => metadata.namespace).join(', ');
  throw new RefusedError(`several Veleros have a backup "${name}" (${namespaces}): name one with --velero-namespace`);
}

/** Whether it may hold claims of the namespace: by what it was asked for. */
export function covers({ spec }: Backup, namespace: string): boolean {
  const { includedNamespaces = [], excludedNamespaces = [] } = spec ?? {};
  const isIncluded =
    includedNamespaces.length === 0 || includedNamespaces.some((one) => one === '*' || one === namespace);
  return isIncluded && !excludedNamespaces.includes(namespace);
}

/** As a row among the sets. What its members are is in the store alone: `describe` reads that. */
export function setOf(backup: Backup, namespace: string): SnapshotSet {
  const { metadata, spec, status = {} } = backup;
  const { csiVolumeSnapshotsAttempted = 0, csiVolumeSnapshotsCompleted = 0 } = status;
  const included = spec?.includedNamespaces ?? [];
  const schedule = metadata.labels?.[scheduleLabel];
  return {
    name: setNameOf(backup),
    namespace,
    takenBy: 'velero',
    target: `namespace/${included.length === 0 ? '*' : included.join(',')}`,
    expected: csiVolumeSnapshotsAttempted,
    members: [],
    createdAtMs: Date.parse(status.startTimestamp ?? metadata.creationTimestamp ?? ''),
    backup: {
      phase: status.phase ?? 'New',
      ready: csiVolumeSnapshotsCompleted,
      ...(status.expiration !== undefined && { expiresAt: status.expiration }),
      ...(schedule !== undefined && { schedule }),
    },
  };
}
