/** What must be true of an operator, and of what it owns, whenever nothing is under way. */
import assert from 'node:assert/strict';
import type { V1Deployment } from '@kubernetes/client-node';
import type { KubeObject } from '../cluster/api.ts';
import { apiKind } from '../cluster/operators/definitions.ts';
import { list, recordsOf } from '../e2e/restore-checks.ts';
import type { Scene } from './scene.ts';

/** @throws AssertionError that says what isn't so */
export async function checkOperator({ namespace, workloads, owner }: Scene): Promise<void> {
  if (owner === undefined) return;
  const { home, operator } = owner;
  const deployment = await home.api.get<V1Deployment & KubeObject>('Deployment', operator.deployment, home.name);
  assert.equal(deployment.spec?.replicas, 1, 'the replicas of the operator');
  assert.equal(deployment.status?.readyReplicas, 1, 'the ready replicas of the operator');
  const owned = await Promise.all([
    namespace.api.get(apiKind(operator.kind), 'es', namespace.name),
    ...workloads.map(({ kind, name }) => namespace.api.get(kind, name, namespace.name)),
  ]);
  for (const { metadata } of [deployment, ...owned]) {
    const marks = Object.keys(metadata.annotations ?? {}).filter((key) => key.startsWith('pvsnap.io/'));
    assert.deepEqual(marks, [], `the marks on ${metadata.name}`);
  }
  assert.deepEqual(operator.acts, [], 'what the operator has put back: it ran while its StatefulSets were stopped');
  assert.deepEqual(await list(home, 'Lease'), [], "the Leases in the operator's namespace");
  assert.deepEqual(await recordsOf(home), [], "the records in the operator's namespace");
}
