/** A cluster of its own: what restarts, and what is left when it ends. */
import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, watch } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { connect } from './api.ts';
import { factsPath, readFacts, type ClusterFacts } from './facts.ts';
import { restart } from './ready.ts';

const SCRIPT = join(import.meta.dirname, '..', '..', 'scripts', 'cluster.ts');

describe('the life of a cluster', () => {
  let owner: ChildProcess;
  let cluster: ClusterFacts;

  before(async () => {
    ({ owner, cluster } = await startByScript());
  });
  after(() => owner.kill('SIGKILL'));

  for (const component of ['kube-apiserver', 'etcd'] as const) {
    test(`${component} comes back on the same port with the same data`, async () => {
      const api = connect(cluster.credentials);
      const name = `before-${component}`;
      await api.create({ kind: 'ConfigMap', metadata: { name } }, 'default');
      await restart(cluster, component);
      await api.get('ConfigMap', name, 'default');
      // The controllers are back too: one of them makes this account.
      const { metadata } = await api.create({ kind: 'Namespace', metadata: { generateName: 'test-' } });
      const account = { kind: 'ServiceAccount', namespace: metadata.name, fields: { 'metadata.name': 'default' } };
      await api.watchUntil(account, () => true, AbortSignal.timeout(60_000));
      api.close();
    });
  }

  test('nothing is left when its parent is killed', async () => {
    const { directory } = cluster;
    assert.ok((await processesOf(directory)).length >= 9);
    const removed = removalOf(directory);
    owner.kill('SIGKILL');
    await removed;
    assert.deepEqual(await processesOf(directory), []);
    await assert.rejects(access(directory), { code: 'ENOENT' });
  });
});

test('a cluster ends in order when it is asked to', async () => {
  const { owner, cluster } = await startByScript();
  owner.kill('SIGTERM');
  assert.deepEqual(await once(owner, 'exit'), [0, null]);
  assert.deepEqual(await processesOf(cluster.directory), []);
  await assert.rejects(access(cluster.directory), { code: 'ENOENT' });
});

async function startByScript(): Promise<{ owner: ChildProcess; cluster: ClusterFacts }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SCRIPT], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const kubeconfig = line.replace('export KUBECONFIG=', '');
  return { owner: child, cluster: await readFacts(factsPath(dirname(kubeconfig))) };
}

/** Resolves when the folder is gone. */
async function removalOf(directory: string): Promise<void> {
  for await (const { filename } of watch(dirname(directory), { signal: AbortSignal.timeout(60_000) })) {
    if (filename === basename(directory)) return;
  }
}

/** Every process of the cluster has its folder in its command line. */
async function processesOf(directory: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid,args', '-ww']);
  return stdout.split('\n').filter((line) => line.includes(directory));
}
