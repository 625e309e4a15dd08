/**
 * `npm run release`: tests a commit, builds all that is released of it into dist/release, and tests that. Publishes
 * nothing. The version is that of package.json.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { notesOf } from './build/changelog.ts';
import { packageManifest } from './build/release.ts';

const root = join(import.meta.dirname, '..');

try {
  const { version } = await packageManifest();
  const notes = notesOf(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), version);
  requireCommitted();
  run('npm', 'test');
  run('npm', 'run', 'build', '--', '--all');
  run(process.execPath, 'scripts/test.ts', '--no-cluster', 'test/build/release.test.ts');
  writeFileSync(join(root, 'dist', 'release', 'notes.md'), notes);
  console.log(`dist/release holds v${version}`);
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

/** Two builds of one commit are the same; of what isn't committed nobody could say. */
function requireCommitted(): void {
  const changes = execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
  if (changes !== '') throw new Error(`what is released must be committed:\n${changes}`);
}

function run(file: string, ...args: string[]): void {
  execFileSync(file, args, { cwd: root, stdio: 'inherit' });
}
