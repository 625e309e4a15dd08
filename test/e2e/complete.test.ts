/** Completion, as a shell asks for it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { reply, serve } from '../api/server.ts';
import { openClaims } from './claims.ts';
import { programWords } from './program-file.ts';
import { pvsnap, run } from './program.ts';

const packaging = join(import.meta.dirname, '..', '..', 'packaging');
const execute = promisify(execFile);

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

  test('operations, sets and formats of get need no cluster either', async () => {
    assert.match((await complete('/nowhere', 'get', '')).join('\n'), /^operations\t.*\nsets\t.*\nvs\tVolumeSnapshot$/m);
    assert.deepEqual(await complete('/nowhere', 'get', 'volumesnapshotc'), [
      'volumesnapshotcontents\tVolumeSnapshotContent',
      'volumesnapshotclasses\tVolumeSnapshotClass',
      ':4',
    ]);
    assert.deepEqual(await complete('/nowhere', 'get', '-o', 'jsonpath='), ['jsonpath=', ':6']);
    assert.deepEqual(await complete('/nowhere', 'get', 'vs', '-o', 'w'), ['wide', ':4']);
    assert.deepEqual(await complete('/nowhere', 'version', '-o', ''), ['json', 'yaml', ':4']);
    assert.deepEqual(await complete('/nowhere', 'restore', '--strategy', ''), ['replace', 'swap', ':4']);
    assert.deepEqual(await complete('/nowhere', 'describe', ''), ['operation/', 'set/', ':6']);
    assert.deepEqual(await complete('/nowhere', 'get', '--kubeconfig', ''), [':0']);
  });

  test('without a cluster, names are none, and nothing is said', async (t) => {
    assert.deepEqual(await complete('/nowhere', 'get', 'vs', ''), [':4']);
    assert.deepEqual(await complete('/nowhere', '--server', 'http://127.0.0.1:1', 'restore', ''), [':4']);
    assert.deepEqual(await complete('/nowhere', 'no-such-verb', ''), [':4']);
    assert.deepEqual(await complete('/nowhere', 'get', '--no-such-flag', 'vs', ''), [':4']);
    const folder = await temporaryFolder(t);
    const broken = join(folder, 'broken');
    await writeFile(broken, 'clusters: [');
    assert.deepEqual(await complete(broken, 'get', 'vs', ''), [':4']);
    assert.deepEqual(await complete(broken, 'get', '--context', ''), [':4']);
  });

  test('a server that refuses, answers nonsense or nothing at all gives no names in a few seconds', async (t) => {
    const refusing = await serve(t, (_, response) => {
      reply(response, 403, { kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403, message: 'no' });
    });
    const talking = await serve(t, (_, response) => {
      response.end('<html>');
    });
    const silent = await serve(t, () => undefined);
    for (const { kubeconfig } of [refusing, talking, silent]) {
      assert.deepEqual(await complete('/nowhere', '--kubeconfig', kubeconfig, 'restore', ''), [':4']);
    }
  });

  test('names come from the cluster, through kubectl itself', async (t) => {
    const namespace = await openClaims(t, ['data-a', 'data-b']);
    const workload = { metadata: { name: 'db' }, spec: { ...workloadSpec, replicas: 0, serviceName: 'db' } };
    const record = { metadata: { name: 'pvsnap-restore-x', labels: { 'pvsnap.io/operation': 'restore-x' } } };
    await namespace.apply([
      { apiVersion: 'apps/v1', kind: 'StatefulSet', ...workload },
      { apiVersion: 'v1', kind: 'ConfigMap', ...record },
    ]);
    await pvsnap(namespace, 'create', 'pvc/data-a', '--name', 'nightly');
    const { kubeconfig, programs } = namespace.cluster;
    const folder = await programFolder(t);
    const env = { ...process.env, KUBECONFIG: kubeconfig, PATH: `${folder}${delimiter}${process.env.PATH ?? ''}` };
    const asked = async (...words: string[]): Promise<string[]> => {
      // By itself it gives up after 3 s, which a slow machine may take for an answer.
      const all = ['--namespace', namespace.name, '--request-timeout=30s', ...words];
      const { stdout } = await execute(join(programs, 'kubectl'), ['__complete', 'pvsnap', ...all], { env });
      // oc, which isn't here, asks its own file in the same way.
      const forOc = await execute(join(folder, 'oc_complete-pvsnap'), all, { env });
      assert.equal(forOc.stdout, stdout);
      return stdout.trimEnd().split('\n');
    };
    const [snapshot = '', ...others] = await asked('get', 'vs', '');
    assert.match(snapshot, /data-a/);
    assert.deepEqual(others, [':4']);
    const cases: [string[], string[]][] = [
      [['restore', 'ni'], ['nightly']],
      [['restore', 'vs/'], [`vs/${snapshot}`]],
      [['get', 'sets', ''], ['nightly']],
      [['get', 'set/'], ['set/nightly']],
      [['get', 'vs/'], [`vs/${snapshot}`]],
      [['get', 'vs', snapshot, ''], []],
      [['get', 'operations', ''], ['restore-x']],
      [['describe', 'set/'], ['set/nightly']],
      [['describe', 'operation', ''], ['restore-x']],
      [['undo', ''], ['restore-x']],
      [['commit', 'rest'], ['restore-x']],
      [['resume', 'x'], []],
      [
        ['create', 'pvc/'],
        ['pvc/data-a', 'pvc/data-b'],
      ],
      [['create', 'pvc/data-a', 'pvc/'], ['pvc/data-b']],
      [['create', 'sts/'], ['sts/db']],
      [['create', '-n', namespace.name], [namespace.name]],
      [['create', '--class', 'hostdir'], ['hostdir']],
      [
        ['restore', 'nightly', '--only', ''],
        ['pvc/data-a', 'pvc/data-b'],
      ],
    ];
    for (const [words, names] of cases) assert.deepEqual(await asked(...words), [...names, ':4'], words.join(' '));
    const { stdout } = await execute(join(programs, 'kubectl'), ['config', 'get-contexts', '-o', 'name'], { env });
    assert.deepEqual(await asked('get', '--context', ''), [...stdout.trimEnd().split('\n'), ':4']);
  });
});

const labels = { app: 'db' };
const workloadSpec = {
  selector: { matchLabels: labels },
  template: { metadata: { labels }, spec: { containers: [{ name: 'db', image: 'none' }] } },
};

/** A folder for the PATH with the program and what completes its command line. */
async function programFolder(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t);
  const program = join(folder, 'kubectl-pvsnap');
  const words = programWords().map((word) => `'${word}'`);
  await writeFile(program, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`);
  await chmod(program, 0o755);
  for (const name of ['kubectl_complete-pvsnap', 'oc_complete-pvsnap']) {
    await symlink(join(packaging, name), join(folder, name));
  }
  return folder;
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pvsnap-path-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
