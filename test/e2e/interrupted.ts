/** Operations whose process dies at a call to the API server, and the verbs that go on from there. */
import assert from 'node:assert/strict';
import type { V1StatefulSet } from '@kubernetes/client-node';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openProxy } from '../faults/proxy.ts';
import { pvsnap, run } from './program.ts';
import { list, recordsOf, volumesOf } from './restore-checks.ts';

/**
 * Runs the program until it is about to make the call, and kills it there. Its Lease is gone, as after a while.
 * @param call as the faults name calls; volumes that are there before are `(old)`
 * @returns the operation
 */
export async function interruptedAt(namespace: TestNamespace, call: string, ...words: string[]): Promise<string> {
  const earlier = await operationsIn(namespace);
  const names = new Map((await volumesOf(namespace)).map(({ metadata }) => [metadata.name, '(old)']));
  let kill = (): void => undefined;
  const proxy = await openProxy(namespace.cluster, names, [{ call, fault: 'kill before' }], () => {
    kill();
  });
  try {
    const running = run(['--namespace', namespace.name, ...words, '--yes'], { KUBECONFIG: proxy.kubeconfig });
    kill = () => running.child.kill('SIGKILL');
    const { stderr } = await running.finished;
    const seen = proxy.calls.map(({ key }) => key).join('\n');
    assert.equal(proxy.struck.length, 1, `"${call}" was not called:\n${seen}\n${stderr}`);
  } finally {
    await proxy.close();
  }
  await namespace.kubectl('delete', 'lease', 'pvsnap', '--ignore-not-found');
  const [operation, ...others] = (await operationsIn(namespace)).filter((name) => !earlier.includes(name));
  assert.deepEqual(others, []);
  return operation ?? assert.fail('there is no record of it');
}

/** The call by which an operation says that it begins a step: the step before is done. */
export function entering(kind: 'restore' | 'undo', step: string): string {
  return `PATCH configmaps/pvsnap-${kind}-x phase=${step} #1`;
}

async function operationsIn(namespace: TestNamespace): Promise<string[]> {
  const records = await recordsOf(namespace);
  return records.map(({ metadata }) => metadata?.labels?.['pvsnap.io/operation'] ?? '');
}

/** Runs a verb that must succeed. @returns the operation that it names */
export async function succeed(namespace: TestNamespace, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await pvsnap(namespace, ...words, '--yes');
  assert.equal(code, 0, stderr);
  const [, operation] = /^operation\/(\S+) \w+\n$/.exec(stdout) ?? [];
  return operation ?? assert.fail(stdout);
}

/** By the volume's name: the operation that keeps it, its role, and its reclaim policy. */
export async function marksIn(namespace: TestNamespace): Promise<Record<string, string>> {
  const volumes = await volumesOf(namespace);
  return Object.fromEntries(
    volumes.map(({ metadata: { name, labels = {} }, spec }) => {
      const { 'pvsnap.io/operation': operation = 'none', 'pvsnap.io/role': role = 'none' } = labels;
      return [name, `${operation} ${role} ${spec?.persistentVolumeReclaimPolicy ?? ''}`];
    }),
  );
}

export async function replicasOf(namespace: TestNamespace): Promise<number | undefined> {
  const [workload] = await list<V1StatefulSet>(namespace, 'StatefulSet');
  return workload?.spec?.replicas;
}
