import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

const sourceDirectory = join(import.meta.dirname, '..', '..', 'src');

/** Tells two versions of the program apart: every run reads its source anew, and one may be edited meanwhile. */
export async function sourceFingerprint(): Promise<string> {
  const entries = await readdir(sourceDirectory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const hash = createHash('sha256');
  for (const file of files.sort()) hash.update(relative(sourceDirectory, file)).update(await readFile(file));
  return hash.digest('hex').slice(0, 12);
}
