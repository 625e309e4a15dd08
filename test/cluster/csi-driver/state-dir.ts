// Where things lie below the driver's state directory, and how files get there: whole, or not at all.
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export type DataKind = 'volumes' | 'snapshots';

/** The directory with the data of a volume or snapshot, by its CSI handle. */
export function dataDir(stateDir: string, kind: DataKind, id: string): string {
  return join(stateDir, kind, id);
}

/** Where the records of a kind lie, one JSON file per id. */
export function recordsDir(stateDir: string, kind: DataKind | 'groups'): string {
  return join(stateDir, 'meta', kind);
}

/** Where the knobs lie, one JSON file per scope. */
export function knobsDir(stateDir: string): string {
  return join(stateDir, 'knobs');
}

/** Makes the folders, and clears away what an earlier driver left half done. */
export async function prepareStateDir(stateDir: string): Promise<void> {
  await rm(tempDir(stateDir), { recursive: true, force: true });
  const kinds = ['volumes', 'snapshots'] as const;
  const folders = [
    tempDir(stateDir),
    knobsDir(stateDir),
    recordsDir(stateDir, 'groups'),
    ...kinds.flatMap((kind) => [join(stateDir, kind), recordsDir(stateDir, kind)]),
  ];
  await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })));
}

/** Makes the data of a volume or snapshot: a copy of another directory, or empty. Replaces what a crash left there. */
export async function makeData(stateDir: string, kind: DataKind, id: string, copyOf?: string): Promise<void> {
  const temp = tempPath(stateDir);
  if (copyOf === undefined) await mkdir(temp);
  else await copyDir(copyOf, temp);
  await removeData(stateDir, kind, id);
  await rename(temp, dataDir(stateDir, kind, id));
}

/** Does nothing when it is not there. */
export async function removeData(stateDir: string, kind: DataKind, id: string): Promise<void> {
  const temp = tempPath(stateDir);
  // Out of the way first: whoever copies it at this moment gets an error, never half of the data.
  await rename(dataDir(stateDir, kind, id), temp).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
  await rm(temp, { recursive: true, force: true });
}

/** Writes JSON so that a reader sees the old file or the new one, never a part. */
export async function writeJson(path: string, value: object): Promise<void> {
  // Beside the file, not in the folder that a starting driver clears: knobs are turned by other processes.
  const temp = `${path}.${randomUUID()}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(temp, JSON.stringify(value, undefined, 2) + '\n');
  await rename(temp, path);
}

async function copyDir(from: string, to: string): Promise<void> {
  try {
    await cp(from, to, {
      recursive: true,
      // A reflink where the filesystem has them, a plain copy elsewhere.
      mode: constants.COPYFILE_FICLONE,
      preserveTimestamps: true,
      verbatimSymlinks: true,
    });
  } catch (error) {
    await rm(to, { recursive: true, force: true });
    throw error;
  }
}

function tempPath(stateDir: string): string {
  return join(tempDir(stateDir), randomUUID());
}

function tempDir(stateDir: string): string {
  return join(stateDir, 'temp');
}

export function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
