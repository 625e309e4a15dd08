/** The objects that a backup holds: of its tarball (the file BackupContents) claims, snapshots' contents and volumes. */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadEntry } from 'tar';
import { Parser } from 'tar';
import { contents, claims, qualifiedName } from '../cluster/resources.ts';
import type { Content } from '../cluster/objects.ts';
import type { ClaimManifest } from '../sets/manifest.ts';
import { parseManifest } from '../sets/manifest.ts';
import { FailedError } from '../errors.ts';

export interface BackupContents {
  /** By `namespace/name`. */
  claims: ReadonlyMap<string, ClaimManifest>;
  /** By name. */
  contents: ReadonlyMap<string, Content>;
}

/** An object of the API is at most 1.5 MiB in etcd. */
const mostBytes = 8 * 2 ** 20;

/** @throws FailedError when it is no tarball */
export async function readContents(file: Readable): Promise<BackupContents> {
  const found = { claims: new Map<string, ClaimManifest>(), contents: new Map<string, Content>() };
  const parser = new Parser({ strict: true });
  parser.on('entry', (entry: ReadEntry) => {
    collect(entry, found);
  });
  try {
    // The parser is no stream of Node's own, and is written to as one.
    await pipeline(file, async (chunks: AsyncIterable<Buffer>) => {
      const ended = new Promise((resolve, reject) => {
        parser.on('end', resolve);
        parser.on('error', reject);
      });
      for await (const chunk of chunks) parser.write(chunk);
      parser.end();
      await ended;
    });
  } catch (error) {
    throw new FailedError("the backup's tarball can't be read: it is broken, or is none", { cause: error });
  }
  return found;
}

interface Found {
  claims: Map<string, ClaimManifest>;
  contents: Map<string, Content>;
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
    return isContent ? (value as Content) : undefined;
  } catch {
    // Not JSON: the same as no content.
    return undefined;
  }
}
