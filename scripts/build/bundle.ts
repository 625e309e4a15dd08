/** The program's source as parts: what the start needs is one, each verb is one, and what several need are others. */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { build, transform, type BuildOptions, type Metafile, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..', '..');

export interface Bundle {
  /** CommonJS by file name; main.js is the first. ASCII only. */
  parts: ReadonlyMap<string, string>;
  /** What runs first and loads the parts: once for a program with compiled code, once for one without. */
  launchers: { compiled: string; plain: string };
  /** Packages whose code is in it, as folders relative to the repository. */
  packages: string[];
}

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node22',
  charset: 'ascii',
  legalComments: 'none',
  minifyWhitespace: true,
  minifySyntax: true,
  write: false,
  logLevel: 'warning',
} satisfies BuildOptions;

const lightYargs: Plugin = {
  name: 'light yargs',
  setup: (build) => {
    build.onResolve({ filter: /^assert$/ }, ({ importer }) =>
      importer.includes(join('node_modules', 'yargs')) ? { path: join(import.meta.dirname, 'assert.ts') } : undefined,
    );
  },
};

export async function bundleProgram(): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...shared,
    entryPoints: ['src/main.ts'],
    outdir: 'parts',
    format: 'esm',
    splitting: true,
    metafile: true,
    define: { 'import.meta.url': 'PROGRAM_URL' },
    alias: { 'string-width': './scripts/build/string-width.ts' },
    plugins: [lightYargs],
  });
  const parts = new Map<string, string>();
  for (const { path, text } of outputFiles) parts.set(basename(path), await asWrapper(text));
  const sorted = new Map([...parts].sort(([a], [b]) => (a < b ? -1 : 1)));
  const defined = { PROGRAM_KEY: JSON.stringify(keyOf(sorted)), VERBS: JSON.stringify(verbsIn(metafile)) };
  return {
    parts: sorted,
    launchers: {
      compiled: await bundleLauncher({ ...defined, IS_COMPILED: 'true' }),
      plain: await bundleLauncher({ ...defined, IS_COMPILED: 'false' }),
    },
    packages: packagesIn(metafile),
  };
}

/** esbuild splits only ES modules, which can't be run from memory: each part becomes a function of CommonJS. */
async function asWrapper(code: string): Promise<string> {
  const { code: commonJs } = await transform(code, {
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    supported: { 'dynamic-import': false },
    minifyWhitespace: true,
    minifySyntax: true,
  });
  return `(function(exports,require,module,PROGRAM_URL){${commonJs.replace(/^#!.*\n/, '')}})`;
}

/** Code that was compiled for another version of Node or of the program must never be run. */
function keyOf(parts: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256').update(process.version);
  for (const [name, code] of parts) hash.update(JSON.stringify([name, code]));
  return hash.digest('hex');
}

async function bundleLauncher(define: Record<string, string>): Promise<string> {
  const { outputFiles } = await build({
    ...shared,
    entryPoints: ['src/packaged/main.ts'],
    format: 'cjs',
    define,
  });
  return outputFiles[0]?.text ?? '';
}

function verbsIn({ outputs }: Metafile): string[] {
  const entries = Object.values(outputs).map(({ entryPoint = '' }) => entryPoint);
  return entries.filter((entry) => entry.startsWith('src/commands/')).map((entry) => basename(entry, '.ts'));
}

function packagesIn({ inputs }: Metafile): string[] {
  const folders = Object.keys(inputs).map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? '');
  return [...new Set(folders)].filter((folder) => folder !== '').sort();
}
