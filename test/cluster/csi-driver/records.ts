// What the driver remembers of each volume, snapshot and group: one JSON file per id. What has no record doesn't exist.
import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isNotFound, recordsDir, writeJson } from './state-dir.ts';
import type { DataKind } from './state-dir.ts';

export interface Records<R extends { id: string }> {
  /** Undefined also for an id that this driver can't have given out. */
  find(id: string): Promise<R | undefined>;
  /** All of them, ordered by id. */
  list(): Promise<R[]>;
  put(record: R): Promise<void>;
  /** Does nothing when there is none. */
  drop(id: string): Promise<void>;
}

export function openRecords<R extends { id: string }>(stateDir: string, kind: DataKind | 'groups'): Records<R> {
  const dir = recordsDir(stateDir, kind);
  const fileOf = (id: string) => join(dir, `${id}.json`);
  return {
    find: async (id) => (isOwnId(id) ? readJson<R>(fileOf(id)) : undefined),
    list: async () => {
      const files = (await readdir(dir)).filter((file) => file.endsWith('.json')).sort();
      const records = await Promise.all(files.map((file) => readJson<R>(join(dir, file))));
      return records.filter((record) => record !== undefined);
    },
    put: (record) => writeJson(fileOf(record.id), record),
    drop: (id) => rm(fileOf(id), { force: true }),
  };
}

/**
 * The handle for what is asked for by this name: always the same, which is what makes creation idempotent.
 * It is the name itself where that can be a file name, so that a person finds a claim's data by its handle.
 */
export function idFor(name: string): string {
  return isOwnId(name) ? name : `named-${createHash('sha256').update(name).digest('hex')}`;
}

// A handle becomes a path: none may lead out of its folder.
function isOwnId(id: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(id);
}

/** Undefined when there is no such file. */
export async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
