// The knobs that a test turns while the driver runs, and the files that carry them to it.
import { randomUUID } from 'node:crypto';
import type { status } from '@grpc/grpc-js';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { knobsDir, writeJson } from './state-dir.ts';

export type CodeName = Exclude<keyof typeof status, 'OK'>;

/** An answer to give instead of the work. With `times`, only so often in all; 0 exempts a scope from a wider one. */
export interface Failure {
  code: CodeName;
  message: string;
  times?: number;
}

/**
 * A hang or delay keeps the call waiting before anything is made, and ends at once when the knob is cleared; a failure
 * is answered after it. What exists already is never delayed, but a repeated call for it fails too.
 */
export interface Knobs {
  /** A snapshot is cut at once and ready this much later, or when the knob is lowered or cleared. */
  snapshotReadyDelayMs?: number;
  /** Counted from the first call for a volume's name, so that repeated calls don't start it anew. */
  provisionDelayMs?: number;
  provisionFailure?: Failure;
  provisionHang?: boolean;
  /** Also of group snapshots that contain a volume of the scope, as with the other knobs of snapshots. */
  snapshotFailure?: Failure;
  snapshotHang?: boolean;
  deleteVolumeFailure?: Failure;
}

/**
 * '*', a namespace, or NAMESPACE/CLAIM. For each knob, the narrowest scope that sets it wins. The claim is the one that
 * the volume was provisioned for; for a snapshot, that of its source volume.
 */
export type Scope = string;

/** One turn of the knobs of a scope. The id is new each time, and with it the count of a failure's `times`. */
export interface Setting {
  id: string;
  knobs: Knobs;
}

/** Sets the knobs of a scope, in place of those set for it before. Works before the driver runs, too. */
export async function setKnobs(stateDir: string, scope: Scope, knobs: Knobs): Promise<void> {
  const setting: Setting = { id: randomUUID(), knobs };
  await writeJson(knobFile(stateDir, scope), setting);
}

/** Does nothing when none are set. */
export async function clearKnobs(stateDir: string, scope: Scope): Promise<void> {
  await rm(knobFile(stateDir, scope), { force: true });
}

/** One flat folder, so that one watch sees all scopes. '@' is in no name of Kubernetes. */
export function knobFile(stateDir: string, scope: Scope): string {
  const name = scope === '*' ? '@' : scope.replace('/', '@');
  return join(knobsDir(stateDir), `${name}.json`);
}
