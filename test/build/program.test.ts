/** The packaged program itself: built twice, and what it keeps on disk where it carries no compiled code. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { bundleProgram, type Bundle } from '../../scripts/build/bundle.ts';
import { packageProgram } from '../../scripts/build/package.ts';
import { hostTarget, programFile } from '../../scripts/build/targets.ts';

const run = promisify(execFile);
const target = hostTarget();
const work = await mkdtemp(join(tmpdir(), 'pvsnap-program-'));
after(() => rm(work, { recursive: true }));

/** @returns the program's path */
async function built(bundle: Bundle, name: string, isCompiled: boolean): Promise<string> {
  await packageProgram({ bundle, targets: [target], folderOf: () => join(work, name), isCompiled });
  return join(work, name, programFile(target));
}

async function digestOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

// One after the other: pkg works in folders that the environment names.
describe('the packaged program', { concurrency: 1 }, () => {
  test('is the same, byte by byte, in two builds', async () => {
    const first = process.env.PVSNAP_PROGRAM ?? (await built(await bundleProgram(), 'first', true));
    const second = await built(await bundleProgram(), 'second', true);
    assert.equal(await digestOf(second), await digestOf(first));
  });

  describe('for another platform, without compiled code', () => {
    let program = '';
    before(async () => {
      program = await built(await bundleProgram(), 'plain', false);
    });

    /** With a cache of this name. @returns where it keeps code */
    async function helpWith(cache: string): Promise<string> {
      const { stdout, stderr } = await run(program, ['get', '--help'], {
        env: { ...process.env, XDG_CACHE_HOME: join(work, cache) },
      });
      assert.match(stdout, /^kubectl pvsnap get/);
      assert.equal(stderr, '');
      return join(work, cache, 'kubectl-pvsnap', 'code');
    }

    test('keeps what a start has compiled, and the next one takes it', async () => {
      const folder = await helpWith('kept');
      const [name = '', ...others] = await readdir(folder);
      assert.deepEqual([name, others], [`get-${process.platform}-${process.arch}.bin`, []]);
      const { ino, mode } = await stat(join(folder, name));
      assert.equal(mode & 0o777, 0o600);
      await helpWith('kept');
      // A start that had to compile anything would have written another file.
      assert.equal((await stat(join(folder, name))).ino, ino);
    });

    test('compiles anew what is damaged or of another program, and keeps that', async () => {
      const folder = await helpWith('damaged');
      const path = join(folder, `get-${process.platform}-${process.arch}.bin`);
      const whole = await readFile(path);
      for (const bad of [whole.subarray(0, 1000), Buffer.from(''), Buffer.from(whole).fill(1, 5000, 5001)]) {
        await writeFile(path, bad);
        await helpWith('damaged');
        assert.notDeepEqual(await readFile(path), bad);
      }
    });

    test('neither reads nor writes where others may write', async () => {
      const folder = join(work, 'open', 'kubectl-pvsnap', 'code');
      await mkdir(folder, { recursive: true });
      await chmod(folder, 0o777);
      await helpWith('open');
      assert.deepEqual(await readdir(folder), []);
    });

    test('runs without a place to keep anything', async () => {
      await writeFile(join(work, 'a file'), '');
      await helpWith('a file');
    });
  });
});
