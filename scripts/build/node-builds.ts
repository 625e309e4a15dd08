/**
 * Node's own builds of one version for all platforms, where pkg looks for what it has downloaded. They come from npm
 * packages, whose contents package-lock.json pins: pkg never downloads.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from '../../test/cluster/programs/build.ts';
import { strip } from './strip.ts';
import type { Target } from './targets.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

interface Pinned {
  version: string;
  integrity: string;
}

/** @returns a folder to be pkg's HOME, with the builds for these targets in it */
export async function ensureNodeBuilds(targets: readonly Target[]): Promise<string> {
  for (const target of targets) await ensureNodeBuild(target);
  return home();
}

/** The program of a build that is there. */
export async function nodeProgram(target: Target): Promise<string> {
  const name = await buildName(target);
  return join(home(), '.pkg-cache', 'sea', target.platform === 'win32' ? `${name}.exe` : join(name, 'bin', 'node'));
}

function home(): string {
  return join(cacheDirectory(), 'node');
}

async function buildName(target: Target): Promise<string> {
  const platform = target.platform === 'win32' ? 'win' : target.platform;
  return `node-v${await nodeVersion(target)}-${platform}-${target.arch}`;
}

/** The version that every program contains. */
export async function nodeVersion(target: Target): Promise<string> {
  return (await pinnedPackage(target)).version;
}

async function pinnedPackage({ nodePackage }: Target): Promise<Pinned> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Pinned | undefined>;
  };
  const pinned = lock.packages[`node_modules/${nodePackage}`];
  if (!pinned) throw new Error(`package-lock.json doesn't name ${nodePackage}`);
  return pinned;
}

/** pkg takes a build as it lies when files that it writes last, `.ok`, lie beside it. */
async function ensureNodeBuild(target: Target): Promise<void> {
  const { version, integrity } = await pinnedPackage(target);
  const folder = join(home(), '.pkg-cache', 'sea');
  const program = await nodeProgram(target);
  const archive = join(folder, `${await buildName(target)}.${target.platform === 'win32' ? 'zip' : 'tar.gz'}`);
  const marks = [`${program}.ok`, archive, `${archive}.ok`];
  if (await areAllThere([program, ...marks])) return;
  await mkdir(dirname(program), { recursive: true });
  const unpacked = await mkdtemp(join(folder, 'unpacking-'));
  try {
    const node = await readFile(await unpack(target, version, integrity, unpacked));
    const finished = join(unpacked, 'finished');
    await writeFile(finished, target.platform === 'linux' ? strip(node) : node);
    await chmod(finished, 0o755);
    await rename(finished, program);
    for (const mark of marks) await writeFile(mark, '');
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

async function areAllThere(paths: string[]): Promise<boolean> {
  const found = await Promise.allSettled(paths.map((path) => access(path)));
  return found.every(({ status }) => status === 'fulfilled');
}

/** @returns the path of Node's program */
async function unpack(
  { nodePackage, platform }: Target,
  version: string,
  integrity: string,
  to: string,
): Promise<string> {
  const program = join('bin', platform === 'win32' ? 'node.exe' : 'node');
  // What `npm ci` has installed for this machine, it has checked.
  const installed = join(root, 'node_modules', nodePackage);
  if ((await versionIn(installed)) === version) return join(installed, program);
  const args = ['pack', `${nodePackage}@${version}`, '--json', '--pack-destination', to];
  const { stdout } = await run('npm', args, { maxBuffer: 64 * 1024 ** 2 });
  const [packed] = JSON.parse(stdout) as [{ filename: string }];
  const file = join(to, packed.filename);
  await checkIntegrity(file, integrity);
  await run('tar', ['-xzf', file, '-C', to, '--strip-components=1']);
  return join(to, program);
}

async function versionIn(folder: string): Promise<string | undefined> {
  try {
    return (JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
  } catch {
    return undefined;
  }
}

async function checkIntegrity(file: string, integrity: string): Promise<void> {
  const [algorithm = '', expected] = integrity.split(/-(.*)/s);
  const found = createHash(algorithm)
    .update(await readFile(file))
    .digest('base64');
  if (found !== expected) throw new Error(`${file} is not what package-lock.json pins`);
}
