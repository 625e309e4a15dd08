/** Completion, as a shell asks for it. */
import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { openClaims } from './claims.ts';
import { programWords } from './program-file.ts';
import { pvsnap, run } from './program.ts';

const completion = join(import.meta.dirname, '..', '..', 'packaging', 'kubectl_complete-pvsnap');

async function complete(kubeconfig: string, ...words: string[]): Promise<string[]> {
  const { stdout, stderr, code } = await run(['__complete', ...words], { KUBECONFIG: kubeconfig }).finished;
  assert.deepEqual([stderr, code], ['', 0]);
  return stdout.trimEnd().split('\n');
}

describe('completion', { concurrency: 4 }, () => {
  test('verbs, flags and types need no cluster', async () => {
    assert.deepEqual(
      (await complete('/nowhere', 'cre')).map((line) => line.split('\t')[0]),
      ['create', ':4'],
    );
    const flags = await complete('/nowhere', 'create', '--dry');
    assert.match(flags.join('\n'), /^--dry-run=\t.*\n:6$/);
    assert.deepEqual(await complete('/nowhere', 'create', '--dry-run', 's'), ['server', ':4']);
    assert.deepEqual(await complete('/nowhere', 'create', '--dry-run=s'), ['--dry-run=server', ':4']);
    assert.match((await complete('/nowhere', 'get', 'vsc')).join('\n'), /^vsc\tVolumeSnapshotContent$/m);
    assert.deepEqual(await complete('/nowhere', 'create', 'state'), ['statefulset/', ':6']);
  });

  test('without a cluster, names are none, and nothing is said', async () => {
    assert.deepEqual(await complete('/nowhere', 'get', 'vs', ''), [':4']);
    assert.deepEqual(await complete('/nowhere', '--server', 'http://127.0.0.1:1', 'restore', ''), [':4']);
  });

  test('sets, snapshots, claims, namespaces and contexts come from the cluster, through kubectl itself', async (t) => {
    const namespace = await openClaims(t, ['data-a', 'data-b']);
    await pvsnap(namespace, 'create', 'pvc/data-a', '--name', 'nightly');
    const folder = await mkdtemp(join(tmpdir(), 'pvsnap-path-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    await mkdir(folder, { recursive: true });
    const program = join(folder, 'kubectl-pvsnap');
    await writeFile(
      program,
      `#!/bin/sh\nexec ${programWords()
        .map((word) => `'${word}'`)
        .join(' ')} "$@"\n`,
    );
    await chmod(program, 0o755);
    await promisify(execFile)('ln', ['-s', completion, folder]);
    const asked = async (...words: string[]): Promise<string[]> => {
      const { kubeconfig, programs } = namespace.cluster;
      const { stdout } = await promisify(execFile)(
        join(programs, 'kubectl'),
        ['__complete', 'pvsnap', '--namespace', namespace.name, ...words],
        { env: { ...process.env, KUBECONFIG: kubeconfig, PATH: `${folder}${delimiter}${process.env.PATH ?? ''}` } },
      );
      return stdout.trimEnd().split('\n');
    };
    assert.deepEqual(await asked('restore', 'ni'), ['nightly', ':4']);
    assert.deepEqual(await asked('get', 'sets', ''), ['nightly', ':4']);
    assert.match((await asked('get', 'vs', '')).join('\n'), /data-a/);
    assert.deepEqual(await asked('create', 'pvc/'), ['pvc/data-a', 'pvc/data-b', ':4']);
    assert.deepEqual(await asked('create', '-n', namespace.name), [namespace.name, ':4']);
    assert.equal((await asked('get', '--context', '')).at(-1), ':4');
  });
});
