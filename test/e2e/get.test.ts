/** `get vs|vsc|vsclass` prints what kubectl prints, byte for byte. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { KubeObject } from '../cluster/api.ts';
import type { Finished, TestNamespace } from '../cluster/namespace.ts';
import { snapshot } from '../cluster/objects.ts';
import { isReady } from '../cluster/states.ts';
import { openClaims } from './claims.ts';
import { openClusterWide, snapshotClass } from './cluster-wide.ts';
import { pvsnap } from './program.ts';

/** NS is the test's namespace; other tests' objects are kept out by its name. */
const commands = [
  'vs',
  'volumesnapshots.snapshot.storage.k8s.io -o wide',
  'VolumeSnapshot -o name',
  'vs -o json',
  'vs two -o yaml',
  'vs two gone one lost',
  'vs one gone -o name',
  'vs gone',
  'vs one -l app=x',
  'vs -A -l test=NS',
  'vsc -l test=NS',
  'vsc NS -o json',
  'vsclass NS',
  'vsclasses -l test=NS -o yaml',
  'vs -l app=nothing',
  'vsclass -l app=nothing',
];

describe('get prints what kubectl prints', () => {
  test('of what a file of YAML names', async (t) => {
    const namespace = await openClaims(t, ['data']);
    await layOut(t, namespace);
    const file = join(namespace.cluster.directory, `${namespace.name}.yaml`);
    const named = (name: string): string =>
      `apiVersion: snapshot.storage.k8s.io/v1\nkind: VolumeSnapshot\nmetadata:\n  name: ${name}\n`;
    await writeFile(file, `${named('one')}---\n${named('two')}`);
    await assertSame(namespace, `-f ${file}`);
  });

  test('of snapshots, contents and classes', { concurrency: 4 }, async (t) => {
    const namespace = await openClaims(t, ['data']);
    await layOut(t, namespace);
    await Promise.all(
      commands.map((command) => t.test(command, () => assertSame(namespace, command.replace('NS', namespace.name)))),
    );
  });
});

async function layOut(t: TestContext, namespace: TestNamespace): Promise<void> {
  const labels = { test: namespace.name, app: 'x' };
  await namespace.apply([withLabels(snapshot('one', 'data'), labels), snapshot('two', 'data')]);
  await openClusterWide(t, namespace, [
    withLabels(snapshotClass(namespace.name, `other.${namespace.name}`), labels),
    withLabels(foreignContent(namespace.name), labels),
  ]);
  await Promise.all(['one', 'two'].map((name) => namespace.waitFor('VolumeSnapshot', name, isReady)));
}

function withLabels(object: KubeObject, labels: Record<string, string>): KubeObject {
  return { ...object, metadata: { ...object.metadata, labels } };
}

/** Of a driver that nobody serves, so that it has no status; its name would make a terminal red. */
function foreignContent(name: string): KubeObject {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotContent',
    metadata: { name },
    spec: {
      deletionPolicy: 'Retain',
      driver: 'red\u001b[31m\nand\rmore',
      source: { snapshotHandle: 'x' },
      volumeSnapshotRef: { name: 'x', namespace: 'nowhere' },
    },
  };
}

/** Ages go on between the two, so they are left out; the room that they take stays. */
async function assertSame(namespace: TestNamespace, command: string): Promise<void> {
  const args = ['get', ...command.split(' ')];
  const [ours, kubectls] = await Promise.all([pvsnap(namespace, ...args), namespace.kubectl(...args)]);
  assert.deepEqual(withoutAges(ours), withoutAges(kubectls));
}

function withoutAges({ stdout, stderr, code }: Finished): Finished {
  const age = /(?<=\s)(?:\d+[smhd]){1,2}( +|$)/gm;
  const blanked = stdout.replace(age, (cell, padding: string) => (padding === '' ? 'AGE' : 'AGE'.padEnd(cell.length)));
  return { stdout: blanked, stderr, code };
}
