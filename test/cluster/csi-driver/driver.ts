// What all services of one running driver share.
import { openKnobBoard } from './knob-board.ts';
import type { Claim, KnobBoard } from './knob-board.ts';
import { openLocks } from './locks.ts';
import type { Locked } from './locks.ts';
import { openRecords } from './records.ts';
import type { Records } from './records.ts';
import { prepareStateDir } from './state-dir.ts';

export interface Source {
  kind: 'snapshot' | 'volume';
  id: string;
}

export interface VolumeRecord {
  id: string;
  sizeBytes: number;
  zone: string;
  parameters: Record<string, string>;
  claim?: Claim;
  source?: Source;
}

/** Outlives its volume, so it repeats what is needed of that. */
export interface SnapshotRecord {
  id: string;
  volumeId: string;
  sizeBytes: number;
  zone: string;
  claim?: Claim;
  /** Nanoseconds since 1970, as a decimal string. */
  cutAtNs: string;
  /** As the knob stood at the cut. */
  readyDelayMs: number;
  groupId?: string;
}

export interface GroupRecord {
  id: string;
  volumeIds: string[];
  snapshotIds: string[];
  parameters: Record<string, string>;
  cutAtNs: string;
}

export interface Driver {
  stateDir: string;
  volumes: Records<VolumeRecord>;
  snapshots: Records<SnapshotRecord>;
  groups: Records<GroupRecord>;
  knobs: KnobBoard;
  locked: Locked;
  /** When a volume that isn't there yet was first asked for, by id: performance.now(). */
  firstAskedMs: Map<string, number>;
}

export async function openDriver(stateDir: string): Promise<Driver> {
  await prepareStateDir(stateDir);
  return {
    stateDir,
    volumes: openRecords(stateDir, 'volumes'),
    snapshots: openRecords(stateDir, 'snapshots'),
    groups: openRecords(stateDir, 'groups'),
    knobs: openKnobBoard(stateDir),
    locked: openLocks(),
    firstAskedMs: new Map(),
  };
}
