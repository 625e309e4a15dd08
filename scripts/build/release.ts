/** All that is released, in one folder: archives, their checksums, a bill of materials, the krew manifest. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveName, archiveOf, finished } from './archives.ts';
import type { Bundle } from './bundle.ts';
import { krewManifest, type ReleasedArchive } from './krew-manifest.ts';
import { packageProgram } from './package.ts';
import { hostTarget, programFile, targets, type Target } from './targets.ts';
import { billOfMaterials, componentsOf, licencesText } from './third-party.ts';

const root = join(import.meta.dirname, '..', '..');

/** Of all platforms. @param dist where the host's program lies already */
export async function makeRelease(bundle: Bundle, dist: string): Promise<void> {
  const host = hostTarget();
  const folderOf = (target: Target): string =>
    target === host ? dist : join(dist, `${target.platform}-${target.arch}`);
  const others = targets.filter((target) => target !== host);
  await packageProgram({ bundle, targets: others, folderOf, isCompiled: false });
  for (const target of others) {
    const path = join(folderOf(target), programFile(target));
    await writeFile(path, finished(target, await readFile(path)));
  }
  const folder = join(dist, 'release');
  await rm(folder, { recursive: true, force: true });
  await writeRelease({ packages: bundle.packages, targets, folderOf, folder, ...(await packageManifest()) });
}

export interface Releasing {
  /** As in Bundle. */
  packages: string[];
  targets: readonly Target[];
  /** Where a target's program lies, signed where it needs to be. */
  folderOf: (target: Target) => string;
  /** Where all is written to. */
  folder: string;
  version: string;
  /** Where archives will be downloaded from. */
  homepage: string;
}

export async function writeRelease(releasing: Releasing): Promise<void> {
  const { packages, folderOf, folder, version, homepage } = releasing;
  const components = await componentsOf(packages, hostTarget().nodePackage);
  await mkdir(folder, { recursive: true });
  const archives: ReleasedArchive[] = [];
  for (const target of releasing.targets) {
    const program = await readFile(join(folderOf(target), programFile(target)));
    const content = await archiveOf(target, program, licencesText(components));
    const name = archiveName(target, version);
    await writeFile(join(folder, name), content);
    archives.push({ target, name, sha256: createHash('sha256').update(content).digest('hex') });
  }
  await writeFile(join(folder, 'SHA256SUMS'), archives.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(''));
  await writeFile(join(folder, 'sbom.cdx.json'), billOfMaterials(components, version));
  await writeFile(join(folder, 'pvsnap.yaml'), await krewManifest({ version, homepage }, archives));
}

/** The one place that says which version this is. */
export async function packageManifest(): Promise<{ version: string; homepage: string }> {
  return JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string; homepage: string };
}
