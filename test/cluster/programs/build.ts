/** Builds programs of Go modules once for each set of pins, and keeps them outside of the repository. */
import { createHash } from 'node:crypto';
import { access, copyFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import type { Bundle, Program } from './bundle.ts';
import { findGo, go, type GoToolchain } from './go.ts';
import { controlPlane } from './list.ts';
import { withLock } from './lock.ts';
import { reportBuild } from './progress.ts';

const BUILD_FLAGS = ['-trimpath'];
const LINK_FLAGS = ['-s', '-w'];

/**
 * Returns the folder with the programs and module files of a bundle, each under its own name; builds what is missing.
 * The control plane's first build takes about ten minutes on two cores. The progress is on stderr.
 * @throws Error when Go is missing or too old, or with what Go said
 */
export async function ensurePrograms(bundle: Bundle = controlPlane): Promise<string> {
  const { title, programs } = bundle;
  const directory = join(cacheDirectory(), 'programs', await cacheKey(bundle, await findGo(bundle.directory)));
  if ((await missingFrom(directory, bundle)).length === 0) return directory;
  await mkdir(directory, { recursive: true });
  const done = programs.length - (await missingPrograms(directory, bundle)).length;
  const progress = reportBuild(title, done, programs.length);
  try {
    await withLock(join(directory, 'lock'), progress.waiting, () => buildMissing(directory, bundle, progress.starting));
  } finally {
    progress.finish();
  }
  return directory;
}

/** Where what is slow to make is kept, outside of the repository. */
export function cacheDirectory(): string {
  const { PVSNAP_CACHE, XDG_CACHE_HOME } = process.env;
  return PVSNAP_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kubectl-pvsnap');
}

async function cacheKey(bundle: Bundle, { version, os, arch }: GoToolchain): Promise<string> {
  const { directory, programs, moduleFiles } = bundle;
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(directory, file)));
  hash.update(JSON.stringify({ version, os, arch, BUILD_FLAGS, LINK_FLAGS, programs, moduleFiles }));
  return hash.digest('hex').slice(0, 16);
}

async function buildMissing(directory: string, bundle: Bundle, starting: (name: string) => void): Promise<void> {
  await removeUnfinished(directory);
  for (const program of await missingPrograms(directory, bundle)) {
    starting(program.name);
    await finishInOneStep(join(directory, program.name), (path) => build(bundle, program, path));
  }
  for (const { module, path } of bundle.moduleFiles) {
    await finishInOneStep(join(directory, basename(path)), async (to) => {
      await copyFile(join(await directoryOf(module, bundle), path), to);
    });
  }
  await removeUnfinished(directory);
}

async function build({ directory, linkerVariables }: Bundle, program: Program, path: string): Promise<void> {
  const versionOf = async (module: string): Promise<string> =>
    (await go(['list', '-m', '-f', '{{.Version}}', module], directory)).trim();
  const variables = Object.entries(await linkerVariables(program, versionOf));
  const linkFlags = [...LINK_FLAGS, ...variables.map(([name, value]) => `-X=${name}=${value}`)].join(' ');
  await go(['build', ...BUILD_FLAGS, `-ldflags=${linkFlags}`, '-o', path, program.package], directory);
}

async function directoryOf(module: string, { directory }: Bundle): Promise<string> {
  const { Dir } = JSON.parse(await go(['mod', 'download', '-json', module], directory)) as { Dir: string };
  return Dir;
}

/** A file under its own name is whole: an interrupted build leaves only names that removeUnfinished knows. */
async function finishInOneStep(path: string, make: (temporaryPath: string) => Promise<void>): Promise<void> {
  const temporaryPath = `${path}.${process.pid}.unfinished`;
  await make(temporaryPath);
  await rename(temporaryPath, path);
}

async function removeUnfinished(directory: string): Promise<void> {
  const left = (await readdir(directory)).filter((name) => name.endsWith('.unfinished'));
  await Promise.all(left.map((name) => rm(join(directory, name), { force: true })));
}

async function missingPrograms(directory: string, bundle: Bundle): Promise<Program[]> {
  const missing = new Set(await missingFrom(directory, bundle));
  return bundle.programs.filter(({ name }) => missing.has(name));
}

async function missingFrom(directory: string, { programs, moduleFiles }: Bundle): Promise<string[]> {
  const names = [...programs.map(({ name }) => name), ...moduleFiles.map(({ path }) => basename(path))];
  const found = await Promise.all(
    names.map((name) =>
      access(join(directory, name)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return names.filter((_, index) => !found[index]);
}
