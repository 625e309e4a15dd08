/** The packaged program, as users have it. */
import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..', '..');

/**
 * Built of the source as it is now, and installed: of a file that was just made, the kernel maps more into memory than of
 * one that was copied.
 * @returns its path
 */
export async function installProgram(folder: string): Promise<string> {
  const build = join(root, 'scripts', 'build.ts');
  await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', build]);
  const program = join(folder, 'kubectl-pvsnap');
  await copyFile(join(root, 'dist', 'kubectl-pvsnap'), program);
  return program;
}
