/** Snapshots that exist on storage alone, with no object in the cluster: what a backup tool knows of them. */
import type { ClaimManifest } from './manifest.ts';

export interface StoredSet {
  /** As `get sets` shows it: `velero/BACKUP`. */
  name: string;
  snapshots: StoredSnapshot[];
}

export interface StoredSnapshot {
  claim: string;
  /** What the driver calls it. */
  handle: string;
  driver: string;
  /** That a claim made from it needs at least, bytes. */
  sizeBytes: number;
  /** VolumeSnapshotClass that it was taken with; some drivers find their credentials by it. */
  className?: string;
  /** Filesystem or Block. */
  volumeMode?: string;
  /** When it was cut, nanoseconds since 1970. */
  cutAtNs?: number;
  /** The claim as it was then. */
  manifest?: ClaimManifest;
}
