/** Whether a backup that has ended holds what it was made for. Pure. */
import type { Backup } from './resources.ts';
import type { BackupVolume } from './volumes.ts';

export interface Verdict {
  /** Those with a snapshot on storage. */
  held: BackupVolume[];
  /** How many claims should have one. */
  wanted: number;
  /** Why it is no good: about the backup as a whole, and about single claims. */
  problems: { about: string; problem: string }[];
  /** Claims whose data is elsewhere: good for Velero, and nothing that can be restored in place. */
  notes: string[];
}

export interface Known {
  /** `namespace/name` of claims that were there when it began. */
  expected: readonly string[];
  /** Or why nobody can tell: its store can't be read, or has no file that says. */
  volumes: readonly BackupVolume[] | string;
  /** false: the server runs without --features=EnableCSI. undefined: nobody knows. */
  isCsiEnabled: boolean | undefined;
}

/** A backup says Completed also where it holds no snapshot at all. */
export function verdictOf(backup: Backup, { expected, volumes, isCsiEnabled }: Known): Verdict {
  if (typeof volumes === 'string') {
    const unknown = { about: backup.metadata.name, problem: `what it holds is not known: ${volumes}` };
    return { held: [], wanted: expected.length, problems: [...phaseProblems(backup), unknown], notes: [] };
  }
  const byName = new Map(volumes.map((volume) => [`${volume.namespace}/${volume.claim}`, volume]));
  const names = [...new Set([...expected, ...byName.keys()])];
  const held = volumes.filter(({ heldAs }) => heldAs === 'snapshot');
  const missing = names.filter((name) => isMissing(byName.get(name)));
  return {
    held,
    wanted: held.length + missing.length,
    problems: [
      ...phaseProblems(backup),
      ...missing.map((name) => ({ about: name, problem: reasonOf(byName.get(name), isCsiEnabled) })),
    ],
    notes: volumes.flatMap(({ namespace, claim, heldAs }) =>
      ['moved', 'file system', 'native'].includes(heldAs)
        ? [`${namespace}/${claim}: held as ${heldAs}: Velero can restore it, but not in place`]
        : [],
    ),
  };
}

function isMissing(volume: BackupVolume | undefined): boolean {
  return volume === undefined || volume.heldAs === 'skipped' || volume.heldAs === 'failed';
}

function phaseProblems({ metadata: { name }, status = {} }: Backup): Verdict['problems'] {
  const { phase = 'New', failureReason, validationErrors = [], errors = 0 } = status;
  if (phase === 'Completed') return [];
  const words = [failureReason, ...validationErrors].filter((text) => text !== undefined);
  if (words.length === 0) words.push(`${errors} errors; see: velero backup logs ${name}`);
  return [{ about: name, problem: words.join('; ') }];
}

function reasonOf(volume: BackupVolume | undefined, isCsiEnabled: boolean | undefined): string {
  if (isCsiEnabled === false) return 'holds no snapshot: the Velero server runs without --features=EnableCSI';
  if (volume === undefined) return 'is not in the backup: nothing that was asked for selects it';
  const why = volume.reason === undefined ? '' : `: ${volume.reason}`;
  if (volume.heldAs === 'failed') return `its snapshot failed${why}`;
  return `holds no snapshot${why}; is there a VolumeSnapshotClass for its driver? see: kubectl pvsnap doctor velero`;
}
