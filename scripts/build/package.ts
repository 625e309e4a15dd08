/** Puts the parts into Node's builds. */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import sea from '@yao-pkg/pkg/lib-es5/sea.js';
import type { Bundle } from './bundle.ts';
import { compileParts } from './compile.ts';
import { ensureNodeBuilds, nodeProgram, nodeVersion } from './node-builds.ts';
import { programFile, type Target } from './targets.ts';

/** pkg's function is CommonJS with a default export. */
const { default: makePrograms } = sea as unknown as { default: typeof sea.default };
type PkgOptions = Parameters<typeof makePrograms>[1];

export interface Packaging {
  bundle: Bundle;
  targets: readonly Target[];
  /** Where a target's program is written. */
  folderOf: (target: Target) => string;
  /** All targets are this machine's platform, which V8 compiles the parts for. */
  isCompiled: boolean;
}

export async function packageProgram({ bundle, targets, folderOf, isCompiled }: Packaging): Promise<void> {
  const home = await ensureNodeBuilds(targets);
  const work = await mkdtemp(join(tmpdir(), 'pvsnap-build-'));
  try {
    const launcher = join(work, 'launcher.cjs');
    await writeFile(launcher, isCompiled ? bundle.launchers.compiled : bundle.launchers.plain);
    const assets = await writeParts(bundle.parts, work);
    if (isCompiled && targets[0])
      Object.assign(assets, await writeCode(bundle.parts, work, await nodeProgram(targets[0])));
    const outputs = await Promise.all(targets.map((target, index) => outputOf(target, join(work, String(index)))));
    const options = { targets: outputs, seaConfig: seaConfig(basename(launcher), assets) } as PkgOptions;
    await withEnvironment({ HOME: home, TMPDIR: work }, () => makePrograms(launcher, options));
    for (const [index, target] of targets.entries()) {
      const path = join(folderOf(target), programFile(target));
      await mkdir(dirname(path), { recursive: true });
      await rename(outputs[index]?.output ?? '', path);
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function outputOf(
  target: Target,
  folder: string,
): Promise<{ platform: string; arch: string; nodeRange: string; output: string }> {
  const nodeRange = `node${await nodeVersion(target)}`;
  return { platform: target.pkgPlatform, arch: target.arch, nodeRange, output: join(folder, programFile(target)) };
}

function seaConfig(launcher: string, assets: Record<string, string>): object {
  return {
    disableExperimentalSEAWarning: true,
    // pkg works in a folder in TMPDIR. The path is kept in the program: it must be the same on all machines.
    main: join('..', launcher),
    assets,
    // Before it trusts the first authority, Node reads the 150 that it was built with, unless it is told to take
    // OpenSSL's. Every connection of ours says itself whom it trusts, and takes neither.
    execArgv: ['--use-openssl-ca'],
    // NODE_OPTIONS is meant for other programs.
    execArgvExtension: 'none',
  };
}

async function writeParts(parts: ReadonlyMap<string, string>, work: string): Promise<Record<string, string>> {
  await mkdir(join(work, 'parts'));
  for (const [name, code] of parts) await writeFile(join(work, 'parts', name), code);
  return Object.fromEntries([...parts.keys()].map((name) => [name, join(work, 'parts', name)]));
}

async function writeCode(
  parts: ReadonlyMap<string, string>,
  work: string,
  node: string,
): Promise<Record<string, string>> {
  await compileParts(node, join(work, 'parts'), [...parts.keys()]);
  return Object.fromEntries([...parts.keys()].map((name) => [`code/${name}`, join(work, 'parts', 'code', name)]));
}

/** pkg looks for Node's builds in the home folder. */
async function withEnvironment(values: Record<string, string>, work: () => Promise<void>): Promise<void> {
  const former = Object.keys(values).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, values);
  try {
    await work();
  } finally {
    for (const [name, value] of former) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
}
