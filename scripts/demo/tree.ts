/** The files of volumes: written, spoiled, read whole and compared. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Bound } from './kafka.ts';

/** Contents by path; a folder's path ends with `/`, and it has none. */
export type Tree = ReadonlyMap<string, Buffer>;

const log = 'orders-0/00000000000000000000.log';
const logBytes = 256 * 1024;

/** Writes what a broker might have: a settings file, a log and its index. */
export async function fill({ directory, claim }: Bound): Promise<void> {
  await put(directory, 'meta.properties', Buffer.from(`version=1\nclaim=${claim}\n`));
  await put(directory, log, randomBytes(logBytes));
  await put(directory, 'orders-0/00000000000000000000.index', randomBytes(4096));
}

/** The disaster: the log has other bytes, one file is new, one is gone. */
export async function spoil({ directory }: Bound): Promise<void> {
  await put(directory, log, randomBytes(logBytes));
  await put(directory, 'DISASTER', Buffer.from('overwritten\n'));
  await rm(join(directory, 'meta.properties'));
}

export function readTrees(volumes: readonly Bound[]): Promise<Tree[]> {
  return Promise.all(volumes.map(({ directory }) => readTree(directory)));
}

/** Paths that are in one of both alone, or have other bytes. */
export function differences(one: Tree, other: Tree): string[] {
  const paths = [...new Set([...one.keys(), ...other.keys()])].sort();
  return paths.filter((path) => {
    const [a, b] = [one.get(path), other.get(path)];
    return a === undefined || b === undefined || !a.equals(b);
  });
}

/** Such as `18 files, 1597644 bytes`. */
export function amountOf(trees: readonly Tree[]): string {
  const files = trees.flatMap((tree) => [...tree].filter(([path]) => !path.endsWith('/')));
  const bytes = files.reduce((sum, [, content]) => sum + content.length, 0);
  return `${files.length} files, ${bytes} bytes`;
}

async function readTree(directory: string): Promise<Tree> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const read = entries.map(async (entry): Promise<[string, Buffer]> => {
    const path = join(entry.parentPath, entry.name);
    const name = relative(directory, path);
    return entry.isDirectory() ? [`${name}/`, Buffer.alloc(0)] : [name, await readFile(path)];
  });
  return new Map(await Promise.all(read));
}

async function put(directory: string, name: string, content: Buffer): Promise<void> {
  const path = join(directory, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
