import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scaleTo } from '../../src/workloads/scale.ts';
import { clusterWith } from './cluster.ts';
import { namespace, statefulSet } from './objects.ts';

const kafka = { kind: 'statefulset', name: 'kafka', namespace } as const;
const path = '/apis/apps/v1/namespaces/kafka/statefulsets/kafka/scale';

test('writes the replicas through the scale subresource', async () => {
  const { cluster, calls } = clusterWith([statefulSet('kafka', 3)], { [path]: 3 });
  await scaleTo(cluster, kafka, 0, { dryRun: true });
  const patch = 'patch statefulsets/kafka {"patch":{"spec":{"replicas":0}},"dryRun":true,"subresource":"scale"}';
  assert.deepEqual(calls, [`GET ${path}`, patch]);
});

test('writes nothing when the replicas are so already', async () => {
  const { cluster, calls } = clusterWith([statefulSet('kafka', 0)], { [path]: 0 });
  await scaleTo(cluster, kafka, 0);
  assert.deepEqual(calls, [`GET ${path}`]);
});

test('scales nothing but StatefulSets and Deployments', async () => {
  const { cluster, calls } = clusterWith([]);
  await assert.rejects(scaleTo(cluster, { ...kafka, kind: 'job' }, 0), /job\/kafka can't be scaled/);
  assert.deepEqual(calls, []);
});
