/** Fills the template of the krew manifest: version, addresses and checksums of the six archives. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programFile, type Target } from './targets.ts';

const template = join(import.meta.dirname, '..', '..', 'packaging', 'krew-manifest.yaml');

export interface ReleasedArchive {
  target: Target;
  name: string;
  sha256: string;
}

export async function krewManifest(
  { version, homepage }: { version: string; homepage: string },
  archives: readonly ReleasedArchive[],
): Promise<string> {
  const platforms = archives.map(
    ({ target, name, sha256 }) => `    - selector:
        matchLabels:
          os: ${target.goos}
          arch: ${target.goarch}
      uri: ${homepage}/releases/download/v${version}/${name}
      sha256: ${sha256}
      bin: ${programFile(target)}`,
  );
  const values: Record<string, string> = { version: `v${version}`, homepage, platforms: `\n${platforms.join('\n')}` };
  const text = (await readFile(template, 'utf8')).replace(/^#.*\n/, '');
  return text.replace(/ (?=\$\{platforms\})/, '').replace(/\$\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}
