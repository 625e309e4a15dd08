/** A backup as a source to restore from, or every reason why it is none. Reads only, but for the DownloadRequests that Velero answers. */
import type { Right } from '../cluster/access.ts';
import { ifAllowed, missingRights } from '../cluster/access.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { snapshots } from '../cluster/resources.ts';
import type { Finding } from '../errors.ts';
import { RefusedError } from '../errors.ts';
import type { StoredSet } from '../sets/stored.ts';
import { membershipOf } from '../sets/taker.ts';
import { backupsNamed, findBackup, isStored, onlyBackup } from './backups.ts';
import type { Backup } from './resources.ts';
import { backupLabel, downloadRequests, setNameOf, storageLocations } from './resources.ts';
import type { StoreAccess } from './store.ts';
import { authorityOf } from './store.ts';
import type { BackupVolume } from './volumes.ts';
import { readBackupVolumes, storedSnapshots } from './volumes.ts';

export interface BackupRequest {
  /** Without `velero/`. */
  backup: string;
  /** Of the claims, as they were. */
  namespace: string;
  /** Claims that are wanted; empty: all of the namespace. */
  only: readonly string[];
  veleroNamespace: string | undefined;
  storeAddress: string | undefined;
}

/** The name of a backup among the sets; undefined for a set of anybody else. */
export function backupNameOf(set: string): string | undefined {
  return /^velero\/([^/]+)$/.exec(set)?.[1];
}

/**
 * @returns undefined while the backup's snapshots are in the cluster: then they are a set like any other
 * @throws RefusedError with all findings
 */
export async function storedSetOf(cluster: Cluster, request: BackupRequest): Promise<StoredSet | undefined> {
  const { backup: name, namespace, only, veleroNamespace, storeAddress } = request;
  const named = await backupsNamed(cluster, name, veleroNamespace);
  // Whoever may write snapshots may put a backup's label on one: where Velero keeps none of them, none is the backup's.
  if (!named.some(isStored) && (await hasSnapshots(cluster, name, namespace))) return undefined;
  const backup = onlyBackup(named, name, veleroNamespace);
  refuse(backup, unfinished(backup));
  refuse(backup, await missingRights(cluster, rightsToDownload(backup.metadata.namespace ?? '')));
  const access = await accessTo(cluster, backup, storeAddress);
  const volumes = await readBackupVolumes(cluster, backup, access);
  if (volumes === undefined) refuse(backup, [noFiles(backup)]);
  const wanted = (volumes ?? []).filter(
    (volume) => volume.namespace === namespace && (only.length === 0 || only.includes(volume.claim)),
  );
  refuse(backup, wanted.length === 0 ? [notOf(backup, namespace, volumes ?? [], only)] : findingsOf(backup, wanted));
  return { name: setNameOf(backup), snapshots: storedSnapshots(wanted, namespace) };
}

/**
 * A backup, and what its store says of each claim; `volumes` is undefined where the store doesn't have the files.
 * @throws RefusedError when there is no such backup, or its store can't be read
 */
export async function readStored(
  cluster: Cluster,
  set: string,
  { veleroNamespace, storeAddress }: Pick<BackupRequest, 'veleroNamespace' | 'storeAddress'>,
): Promise<{ backup: Backup; volumes: BackupVolume[] | undefined }> {
  const backup = await findBackup(cluster, backupNameOf(set) ?? set, veleroNamespace);
  const missing = await missingRights(cluster, rightsToDownload(backup.metadata.namespace ?? ''));
  if (missing.length > 0) throw new RefusedError(`${set} can't be described in full`, missing);
  return { backup, volumes: await readBackupVolumes(cluster, backup, await accessTo(cluster, backup, storeAddress)) };
}

async function hasSnapshots(cluster: Cluster, backup: string, namespace: string): Promise<boolean> {
  const found = await cluster.list(snapshots, { namespace, labelSelector: `${backupLabel}=${backup}` });
  return found.some((snapshot) => membershipOf(snapshot)?.taker === 'velero');
}

/** How a backup's store is reached: by its location, as far as the user may read it. */
async function accessTo(
  cluster: Cluster,
  { metadata: { namespace }, spec }: Backup,
  address: string | undefined,
): Promise<StoreAccess> {
  const location = await ifAllowed(cluster.find(storageLocations, spec?.storageLocation ?? 'default', namespace));
  return { address, authority: location && authorityOf(location) };
}

/** @param namespace Velero's */
export function rightsToDownload(namespace: string): Right[] {
  return (['create', 'list', 'watch'] as const).map((verb) => ({ verb, resource: downloadRequests, namespace }));
}

function refuse(backup: Backup, findings: readonly Finding[]): void {
  if (findings.length > 0) {
    throw new RefusedError(`${setNameOf(backup)} can't be restored; nothing was changed`, findings);
  }
}

/** One that failed in part holds what it holds: each claim of it is looked at. */
function unfinished(backup: Backup): Finding[] {
  const { phase = 'New', failureReason, validationErrors = [] } = backup.status ?? {};
  const about = setNameOf(backup);
  if (phase === 'Completed' || phase === 'PartiallyFailed') return [];
  if (phase === 'Failed' || phase === 'FailedValidation') {
    const why = [failureReason, ...validationErrors].filter((text) => text !== undefined).join('; ');
    return [{ about, problem: `the backup has failed${why === '' ? '' : `: ${why}`}`, remedy: 'restore another one' }];
  }
  const remedy =
    phase === 'Deleting' ? 'restore another one' : 'wait until it is Completed: kubectl pvsnap get sets -w';
  return [{ about, problem: `the backup is ${phase}`, remedy }];
}

function noFiles(backup: Backup): Finding {
  return {
    about: setNameOf(backup),
    problem:
      'its store does not have the files with its volumes and objects: they were deleted, or Velero is older than 1.13',
    remedy: `look at it with: velero backup describe ${backup.metadata.name} --details`,
  };
}

function notOf(backup: Backup, namespace: string, volumes: readonly BackupVolume[], only: readonly string[]): Finding {
  const about = setNameOf(backup);
  const there = volumes.filter((volume) => volume.namespace === namespace).map(({ claim }) => claim);
  if (only.length > 0 && there.length > 0) {
    return { about, problem: `holds no claim ${only.join(', ')}`, remedy: `it has: ${there.join(', ')}` };
  }
  const namespaces = [...new Set(volumes.map((volume) => volume.namespace))];
  return {
    about,
    problem: `holds no claim of namespace ${namespace}`,
    remedy: namespaces.length === 0 ? 'restore another one' : `it has claims of: ${namespaces.join(', ')} (-n)`,
  };
}

/** All claims that were asked for, or none: what is missing is said with the way to the others. */
function findingsOf(backup: Backup, wanted: readonly BackupVolume[]): Finding[] {
  const others = wanted.filter(({ heldAs }) => heldAs === 'snapshot').map(({ claim }) => `pvc/${claim}`);
  const rest = others.length === 0 ? '' : `; for those that are: --only ${others.join(',')}`;
  return wanted
    .filter(({ heldAs }) => heldAs !== 'snapshot')
    .map(({ claim, namespace, heldAs, reason }) => {
      const [problem, remedy] = withoutSnapshot(backup.metadata.name, namespace, heldAs, reason);
      return { about: claim, problem, remedy: `${remedy}${rest}` };
    });
}

function withoutSnapshot(
  backup: string,
  namespace: string,
  heldAs: BackupVolume['heldAs'],
  reason: string | undefined,
): [problem: string, remedy: string] {
  const byVelero = `Velero itself can restore it, into a claim that is not there: velero restore create --from-backup ${backup} --include-namespaces ${namespace}`;
  const why = reason === undefined ? '' : `: ${reason}`;
  switch (heldAs) {
    case 'moved':
      return ['no snapshot is left on storage: the data mover has copied it into the object store', byVelero];
    case 'file system':
      return ['it was copied file by file, and there is no snapshot of it', byVelero];
    case 'native':
      return ['its snapshot is not of a CSI driver, but of a plugin of Velero', byVelero];
    case 'failed':
      return [`its snapshot failed${why}`, `see: velero backup logs ${backup}`];
    default:
      return [`the backup holds nothing of its data${why}`, 'restore another one'];
  }
}
