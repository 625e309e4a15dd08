/** The objects that a backup holds: of its tarball (the file BackupContents) claims, snapshots' contents and volumes. */
import type { Readable } from 'node:stream';
import type { ReadEntry } from 'tar';
import { Parser } from 'tar';
import { contents, claims, qualifiedName } from '../cluster/resources.ts';
import type { Content } from '../cluster/objects.ts';
import type { ClaimManifest } from '../sets/manifest.ts';
import { parseManifest } from '../sets/manifest.ts';
import { FailedError } from '../errors.ts';
import { unbroken } from './read-whole.ts';

export interface BackupContents {
  /** By `namespace/name`. */
  claims: ReadonlyMap<string, ClaimManifest>;
  /** By name. */
  contents: ReadonlyMap<string, Content>;
}

/** An object of the API is at most 1.5 MiB in etcd. */
const mostBytes = 8 * 2 ** 20;
/** Of all that is kept, unpacked: a tarball of zeros is small. */
const mostBytesInAll = 256 * 2 ** 20;

/** @throws FailedError when it is no tarball, or the store breaks off */
export async function readContents(file: Readable): Promise<BackupContents> {
  const found = { claims: new Map<string, ClaimManifest>(), contents: new Map<string, Content>(), bytes: 0 };
  const parser = new Parser({ strict: true });
  const { promise: ended, resolve, reject } = Promise.withResolvers<unknown>();
  let failure: Error | undefined;
  parser.on('entry', (entry: ReadEntry) => {
    collect(entry, found);
  });
  parser.on('end', () => {
    resolve(undefined);
  });
  parser.on('error', (error: Error) => {
    failure ??= error;
    reject(error);
  });
  // It is waited for after the last chunk alone, and a broken one fails before.
  ended.catch(() => undefined);
  for await (const chunk of unbroken(file)) {
    parser.write(chunk);
    if (failure !== undefined) throw broken(failure);
    if (found.bytes > mostBytesInAll) throw broken(new Error('more claims than a backup can have'));
  }
  parser.end();
  await ended.catch((error: unknown) => {
    throw broken(error);
  });
  return found;
}

function broken(cause: unknown): FailedError {
  return new FailedError("the backup's tarball can't be read: it is broken, or is none", { cause });
}

interface Found {
  claims: Map<string, ClaimManifest>;
  contents: Map<string, Content>;
  /** Read for them. */
  bytes: number;
}

/** `resources/RESOURCE/namespaces/NAMESPACE/NAME.json`, or `.../cluster/NAME.json`; copies by version have one folder more. */
function collect(entry: ReadEntry, found: Found): void {
  const [top, resource, scope] = entry.path.split('/');
  const isClaim = resource === qualifiedName(claims) && scope === 'namespaces';
  const isContent = resource === qualifiedName(contents) && scope === 'cluster';
  if (top !== 'resources' || !(isClaim || isContent) || entry.size > mostBytes) {
    entry.resume();
    return;
  }
  const parts: Buffer[] = [];
  found.bytes += entry.size;
  entry.on('data', (part) => parts.push(Buffer.from(part)));
  entry.on('end', () => {
    const json = Buffer.concat(parts).toString();
    if (isClaim)
      note(parseManifest(json), ({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`, found.claims);
    else note(parseContent(json), ({ metadata }) => metadata.name, found.contents);
  });
}

function note<T>(object: T | undefined, keyOf: (object: T) => string, into: Map<string, T>): void {
  if (object !== undefined) into.set(keyOf(object), object);
}

/** undefined for what isn't one: the store's files are nobody's word. */
function parseContent(json: string): Content | undefined {
  try {
    const value = JSON.parse(json) as Partial<Content> | null;
    const isContent = typeof value?.metadata?.name === 'string' && typeof value.spec?.driver === 'string';
    return isContent && isWhole(value as Content) ? (value as Content) : undefined;
  } catch {
    // Not JSON: the same as no content.
    return undefined;
  }
}

/** The latest time that can be said, in nanoseconds since 1970. */
const lastNs = 8.64e21;

/** The types of what is read of it. */
function isWhole({ spec, status = {} }: Content): boolean {
  const { volumeSnapshotClassName = '', sourceVolumeMode = '' } = spec;
  const { creationTime = 0, restoreSize = 0 } = status;
  const areTexts = [volumeSnapshotClassName, sourceVolumeMode].every((text) => typeof text === 'string');
  return areTexts && isUpTo(creationTime, lastNs) && isUpTo(restoreSize, Number.MAX_SAFE_INTEGER);
}

function isUpTo(value: unknown, most: number): boolean {
  return typeof value === 'number' && value >= 0 && value <= most;
}
