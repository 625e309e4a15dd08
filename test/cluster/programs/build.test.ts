import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { findGo } from './go.ts';
import { withLock } from './lock.ts';

describe('findGo', () => {
  test('says which version is needed when there is no Go', async (t) => {
    withPath(t, await folder(t));
    await assert.rejects(findGo(), /^Error: Go was not found: .* Go \d+\.\d+\.\d+ or newer/);
  });

  test('says which version is needed when Go is too old', async (t) => {
    const bin = await folder(t);
    await writeFile(join(bin, 'go'), `#!/bin/sh\necho '{"GOVERSION":"go1.22.12","GOOS":"linux","GOARCH":"amd64"}'\n`);
    await chmod(join(bin, 'go'), 0o755);
    withPath(t, bin);
    await assert.rejects(findGo(), /^Error: Go is too old: .* Go \d+\.\d+\.\d+ or newer.*, this is go1\.22\.12/);
  });
});

describe('withLock', () => {
  test('lets one in at a time', async (t) => {
    const path = join(await folder(t), 'lock');
    const order: string[] = [];
    const first = Promise.withResolvers<undefined>();
    const waits = Promise.withResolvers<undefined>();
    const holder = withLock(path, unexpected, async () => {
      await first.promise;
      order.push('first');
    });
    const waiter = withLock(
      path,
      () => {
        waits.resolve(undefined);
      },
      () => Promise.resolve(order.push('second')),
    );
    await waits.promise;
    first.resolve(undefined);
    await Promise.all([holder, waiter]);
    assert.deepEqual(order, ['first', 'second']);
  });

  test('is free when its holder was killed', async (t) => {
    const path = join(await folder(t), 'lock');
    const hold = `import { withLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
      await withLock(${JSON.stringify(path)}, () => {}, () => new Promise(() => { console.log('held'); setInterval(() => {}, 1000); }));`;
    const holder = spawn(process.execPath, ['--input-type=module', '--eval', hold], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(holder.stdout, 'data');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    assert.equal(await withLock(path, unexpected, () => Promise.resolve('in')), 'in');
  });
});

function unexpected(): never {
  throw new Error('it had to wait for the lock');
}

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'pvsnap-build-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

function withPath(t: TestContext, path: string): void {
  const before = process.env.PATH;
  t.after(() => {
    process.env.PATH = before;
  });
  process.env.PATH = path;
}
