/** `create` finds the claims of what a user names. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '../cluster/api.ts';
import type { TestNamespace } from '../cluster/namespace.ts';
import { claim, deployment, pod, statefulSet } from '../cluster/objects.ts';
import { isBound, isRolledOut } from '../cluster/states.ts';
import { claimOf, openClaims, snapshotsOf } from './claims.ts';
import { pvsnap } from './program.ts';

const targets: [string[], string[]][] = [
  [['statefulset/db'], ['data-db-0', 'data-db-1']],
  [['sts/idle'], ['data-idle-0', 'data-idle-1']],
  [['deployments/web'], ['of-web']],
  [['deploy/off'], ['of-off']],
  [['ReplicaSet/copies'], ['of-copies']],
  [['ds/agents'], ['of-agents']],
  [['jobs.batch/import'], ['of-import']],
  [['po/single'], ['of-single']],
  [['persistentvolumeclaims/loose'], ['loose']],
  [['-l', 'tier in (cold)'], ['cold']],
  [
    ['pvc/loose', 'sts/db', 'statefulsets.apps/db', 'pvc/data-db-1', '-l', 'tier=cold'],
    ['cold', 'data-db-0', 'data-db-1', 'loose'],
  ],
];

describe('create', () => {
  test('takes the claims of', { concurrency: 4 }, async (t) => {
    const users = ['of-web', 'of-off', 'of-copies', 'of-agents', 'of-import', 'of-single'];
    const left = ['data-idle-0', 'data-idle-1', 'loose', 'other'];
    const namespace = await openClaims(t, [...users, ...left]);
    await layOut(namespace);
    await Promise.all(
      targets.map(([words, claims]) =>
        t.test(words.join(' '), async () => {
          const { stdout, stderr } = await pvsnap(namespace, 'create', ...words, '--dry-run=client', '-o', 'json');
          assert.equal(stderr, '');
          assert.deepEqual(snapshotsOf(stdout).map(claimOf), claims);
        }),
      ),
    );
  });
});

async function layOut(namespace: TestNamespace): Promise<void> {
  await namespace.apply([
    claim('cold', { labels: { tier: 'cold' } }),
    statefulSet('db', { replicas: 2 }),
    statefulSet('idle', { replicas: 0 }),
    deployment('web', ['of-web']),
    deployment('off', ['of-off'], { replicas: 0 }),
    workload('ReplicaSet', 'copies', 'of-copies'),
    workload('DaemonSet', 'agents', 'of-agents'),
    job('import', 'of-import'),
    pod('single', ['of-single']),
  ]);
  await namespace.waitFor('PersistentVolumeClaim', 'cold', isBound);
  await namespace.waitFor('StatefulSet', 'db', isRolledOut);
}

function workload(kind: string, name: string, claimName: string): KubeObject {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: pod(name, [claimName]).spec };
  return { apiVersion: 'apps/v1', kind, metadata: { name }, spec: { selector: { matchLabels: labels }, template } };
}

function job(name: string, claimName: string): KubeObject {
  const spec = { ...(pod(name, [claimName]).spec as object), restartPolicy: 'Never' };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template: { spec } } };
}
