/** `version`: of the program, of the server, of the snapshot APIs. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { openNamespace } from '../cluster/namespace.ts';
import { pvsnap, run } from './program.ts';

const manifest = new URL('../../package.json', import.meta.url);
const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };

describe('version', () => {
  test('asks the server, and names the snapshot APIs that it serves', async (t) => {
    const namespace = await openNamespace(t);
    const { stdout, code } = await pvsnap(namespace, 'version');
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^Client Version: v${version}\nServer Version: v1\\.`));
    assert.match(stdout, /^snapshot\.storage\.k8s\.io: v1$/m);

    const json = await pvsnap(namespace, 'version', '-o', 'json');
    const { clientVersion, snapshotApis } = JSON.parse(json.stdout) as {
      clientVersion: { gitVersion: string };
      snapshotApis: { group: string; versions: string[] }[];
    };
    assert.equal(clientVersion.gitVersion, `v${version}`);
    assert.deepEqual(snapshotApis[0], { group: 'snapshot.storage.k8s.io', versions: ['v1'] });
  });

  test('--client and --version ask no cluster', async () => {
    const unreachable = { KUBECONFIG: '/nowhere' };
    const client = await run(['version', '--client'], unreachable).finished;
    assert.deepEqual(client, { stdout: `Client Version: v${version}\n`, stderr: '', code: 0 });
    const flag = await run(['--version'], unreachable).finished;
    assert.deepEqual(flag, { stdout: `kubectl-pvsnap v${version}\n`, stderr: '', code: 0 });
  });

  test('a server that does not answer: the own version is printed all the same, exit 1', async () => {
    const { stdout, code } = await run(['version', '--server', 'http://127.0.0.1:1']).finished;
    assert.deepEqual([stdout, code], [`Client Version: v${version}\n`, 1]);
  });

  test('a further word is refused', async () => {
    const { stderr, code } = await run(['version', 'please']).finished;
    assert.equal(code, 2);
    assert.match(stderr, /version "please"/);
  });
});
