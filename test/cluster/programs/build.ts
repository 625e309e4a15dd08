/** Builds the control plane's programs once for each set of pins, and keeps them outside of the repository. */
import { createHash } from 'node:crypto';
import { access, copyFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { findGo, go, moduleDirectory, type GoToolchain } from './go.ts';
import { moduleFiles, programs, type Program } from './list.ts';
import { withLock } from './lock.ts';
import { reportBuild } from './progress.ts';

const BUILD_FLAGS = ['-trimpath'];
const LINK_FLAGS = ['-s', '-w'];

/**
 * Returns the folder with the programs and module files of list.ts, each under its own name; builds what is missing.
 * The first build takes about ten minutes on two cores and tells its progress on stderr.
 * @throws Error when Go is missing or too old, or with what Go said
 */
export async function ensurePrograms(): Promise<string> {
  const directory = join(cacheDirectory(), 'programs', await cacheKey(await findGo()));
  if ((await missingFrom(directory)).length === 0) return directory;
  await mkdir(directory, { recursive: true });
  const progress = reportBuild(programs.length - (await missingPrograms(directory)).length, programs.length);
  try {
    await withLock(join(directory, 'lock'), progress.waiting, () => buildMissing(directory, progress.starting));
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

async function cacheKey({ version, os, arch }: GoToolchain): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(moduleDirectory, file)));
  hash.update(JSON.stringify({ version, os, arch, BUILD_FLAGS, LINK_FLAGS, programs, moduleFiles }));
  return hash.digest('hex').slice(0, 16);
}

async function buildMissing(directory: string, starting: (name: string) => void): Promise<void> {
  await removeUnfinished(directory);
  for (const program of await missingPrograms(directory)) {
    starting(program.name);
    await finishInOneStep(join(directory, program.name), (path) => build(program, path));
  }
  for (const { module, path } of moduleFiles) {
    await finishInOneStep(join(directory, basename(path)), async (to) => {
      await copyFile(join(await directoryOf(module), path), to);
    });
  }
  await removeUnfinished(directory);
}

async function build(program: Program, path: string): Promise<void> {
  const definitions = Object.entries(await versionVariables(program.module)).map(
    ([name, value]) => `-X=${name}=${value}`,
  );
  const linkFlags = [...LINK_FLAGS, ...definitions].join(' ');
  await go(['build', ...BUILD_FLAGS, `-ldflags=${linkFlags}`, '-o', path, program.package]);
}

/** Without them the API server calls itself v0.0.0, and clients choose what to do by its version. */
async function versionVariables(module: string): Promise<Record<string, string>> {
  const kubernetes = await versionOf('k8s.io/kubernetes');
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(kubernetes) ?? [];
  const variables: Record<string, string> = { 'main.version': await versionOf(module) };
  for (const holder of ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']) {
    variables[`${holder}.gitVersion`] = kubernetes;
    variables[`${holder}.gitMajor`] = major;
    variables[`${holder}.gitMinor`] = minor;
  }
  return variables;
}

async function versionOf(module: string): Promise<string> {
  return (await go(['list', '-m', '-f', '{{.Version}}', module])).trim();
}

async function directoryOf(module: string): Promise<string> {
  const { Dir } = JSON.parse(await go(['mod', 'download', '-json', module])) as { Dir: string };
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

async function missingPrograms(directory: string): Promise<Program[]> {
  const missing = new Set(await missingFrom(directory));
  return programs.filter(({ name }) => missing.has(name));
}

async function missingFrom(directory: string): Promise<string[]> {
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
