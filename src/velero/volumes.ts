/** What a backup holds of each claim: from what Velero wrote down of its volumes, and the objects in its tarball. */
import { compareNatural } from '../cluster/natural-order.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { ClaimManifest } from '../sets/manifest.ts';
import type { StoredSnapshot } from '../sets/stored.ts';
import type { BackupContents } from './contents.ts';
import { readContents } from './contents.ts';
import { download } from './download.ts';
import type { Backup } from './resources.ts';
import type { StoreAccess } from './store.ts';
import type { VolumeInfo } from './volume-infos.ts';
import { readVolumeInfos } from './volume-infos.ts';

/**
 * snapshot: on storage, by a CSI driver. moved: copied to the object store by the data mover, and none left on storage.
 * file system: copied file by file. native: by a plugin of a cloud. failed: tried. skipped: not even that.
 */
type HeldAs = 'snapshot' | 'moved' | 'file system' | 'native' | 'failed' | 'skipped';

export interface BackupVolume {
  namespace: string;
  claim: string;
  heldAs: HeldAs;
  /** Why it was skipped, in Velero's words: untrusted text. */
  reason?: string;
  /** With `snapshot`. */
  snapshot?: StoredSnapshot;
}

/**
 * Of all claims in the backup, also those of which it holds nothing; in the order of namespaces and names.
 * @returns undefined when the store has no such files: an old Velero's, or a backup that is not finished
 * @throws RefusedError with the way out, when Velero doesn't answer or the store can't be read
 */
export async function readBackupVolumes(
  cluster: Cluster,
  { metadata: { name: backup, namespace = '' } }: Backup,
  access: StoreAccess,
  signal?: AbortSignal,
): Promise<BackupVolume[] | undefined> {
  const [infos, contents] = await Promise.all([
    download(cluster, { namespace, backup, kind: 'BackupVolumeInfos' }, access, signal),
    download(cluster, { namespace, backup, kind: 'BackupContents' }, access, signal),
  ]);
  if (infos === undefined || contents === undefined) return undefined;
  const [told, objects] = await Promise.all([readVolumeInfos(infos), readContents(contents)]);
  return volumesOf(told, objects);
}

/** Pure. */
export function volumesOf(infos: readonly VolumeInfo[], contents: BackupContents): BackupVolume[] {
  const told = infos.filter(({ pvcName }) => pvcName !== '').map((info) => volumeOf(info, contents));
  const known = new Set(told.map(keyOf));
  const untold = [...contents.claims].filter(([key]) => !known.has(key)).map(([, manifest]) => withoutVolume(manifest));
  return [...told, ...untold].sort(
    (a, b) => compareNatural(a.namespace, b.namespace) || compareNatural(a.claim, b.claim),
  );
}

function keyOf({ namespace, claim }: Pick<BackupVolume, 'namespace' | 'claim'>): string {
  return `${namespace}/${claim}`;
}

function withoutVolume({ metadata }: ClaimManifest): BackupVolume {
  const reason = 'the backup has the claim, and nothing of its volume';
  return { namespace: metadata.namespace ?? '', claim: metadata.name, heldAs: 'skipped', reason };
}

function volumeOf(info: VolumeInfo, contents: BackupContents): BackupVolume {
  const place = { namespace: info.pvcNamespace, claim: info.pvcName };
  const heldAs = heldOf(info);
  return {
    ...place,
    heldAs,
    ...(info.skippedReason !== '' && { reason: info.skippedReason }),
    ...(heldAs === 'snapshot' && { snapshot: snapshotOf(info, contents, contents.claims.get(keyOf(place))) }),
  };
}

function heldOf(info: VolumeInfo): HeldAs {
  if (info.skipped) return 'skipped';
  if (info.result === 'failed') return 'failed';
  if (info.backupMethod === 'PodVolumeBackup') return 'file system';
  if (info.backupMethod === 'NativeSnapshot') return 'native';
  if (info.snapshotDataMoved && !info.preserveLocalSnapshot) return 'moved';
  const hasHandle = (info.snapshot?.handle ?? '') !== '';
  return info.backupMethod === 'CSISnapshot' && hasHandle ? 'snapshot' : 'failed';
}

function snapshotOf(
  { pvcName, snapshot }: VolumeInfo,
  { contents }: BackupContents,
  manifest: ClaimManifest | undefined,
): StoredSnapshot {
  const { handle = '', driver = '', sizeBytes = 0, content: name = '' } = snapshot ?? {};
  const named = contents.get(name);
  // What is of another driver says nothing of this snapshot.
  const content = named?.spec.driver === driver ? named : undefined;
  const { volumeSnapshotClassName: className, sourceVolumeMode: volumeMode } = content?.spec ?? {};
  const cutAtNs = content?.status?.creationTime;
  return {
    claim: pvcName,
    handle,
    driver,
    sizeBytes: Math.max(sizeBytes, content?.status?.restoreSize ?? 0),
    ...(className !== undefined && { className }),
    ...(volumeMode !== undefined && { volumeMode }),
    ...(cutAtNs !== undefined && { cutAtNs }),
    ...(manifest !== undefined && { manifest }),
  };
}

/** Newest minus oldest cut, milliseconds; undefined where it is not known of each. */
export function skewMsOf(held: readonly BackupVolume[]): number | undefined {
  const cuts = held.map(({ snapshot }) => snapshot?.cutAtNs).filter((cut) => cut !== undefined);
  if (cuts.length === 0 || cuts.length < held.length) return undefined;
  return (Math.max(...cuts) - Math.min(...cuts)) / 1e6;
}

/** Of those claims of a namespace that a snapshot is there of. */
export function storedSnapshots(volumes: readonly BackupVolume[], namespace: string): StoredSnapshot[] {
  return volumes.flatMap((volume) => (volume.namespace === namespace ? (volume.snapshot ?? []) : []));
}
