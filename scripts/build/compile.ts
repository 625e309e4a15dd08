/**
 * Compiles parts as V8 would at the start of the program, so that a program for this platform needn't. In a process of
 * its own: V8 draws random numbers that show in the result, and two builds must be the same.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

const seeds = ['--hash-seed=1', '--random-seed=1'];

/**
 * @param node the Node that will run the code: no other takes it
 * @param folder with the parts; their code is written to `code` in it, under the same names
 */
export async function compileParts(node: string, folder: string, names: readonly string[]): Promise<void> {
  const flags = [...seeds, '--disable-warning=ExperimentalWarning'];
  await promisify(execFile)(node, [...flags, import.meta.filename, folder, ...names]);
}

if (import.meta.main) await compileAll();

async function compileAll(): Promise<void> {
  const [folder = '', ...names] = process.argv.slice(2);
  // V8 takes only code that was made with its own flags; the seed was drawn when the process began.
  setFlagsFromString('--hash-seed=0');
  await mkdir(join(folder, 'code'));
  for (const name of names) {
    const source = await readFile(join(folder, name), 'latin1');
    await writeFile(join(folder, 'code', name), compiled(source, name));
  }
}

/** All of it: which functions a run needs is different from verb to verb, and code that isn't used costs little. */
function compiled(source: string, name: string): Buffer {
  setFlagsFromString('--no-lazy');
  const script = new Script(source, { filename: `kubectl-pvsnap/${name}` });
  setFlagsFromString('--lazy');
  return script.createCachedData();
}
