import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '../../src/cluster/objects.ts';
import type { Users } from '../../src/workloads/users.ts';
import { findUsers } from '../../src/workloads/users.ts';
import { clusterWith } from './cluster.ts';
import { deployment, namespace, owner, pod, replicaSet, statefulSet } from './objects.ts';

const usersOf = (claims: string[], ...objects: KubeObject[]): Promise<Users> =>
  findUsers(clusterWith(objects).cluster, namespace, new Set(claims));

const inShort = ({ workloads }: Users): unknown[] =>
  workloads.map(({ kind, name, replicas, claims, pods }) => [
    `${kind}/${name}`,
    replicas,
    claims,
    pods.map((pod) => pod.name),
  ]);

const problems = ({ findings }: Users): [string, string][] => findings.map(({ about, problem }) => [about, problem]);

const ended = { phase: 'Succeeded' };
const going = { metadata: { name: 'x', deletionTimestamp: '2026-11-01T00:00:30Z', deletionGracePeriodSeconds: 30 } };

describe('what must be stopped', () => {
  test('a StatefulSet, also for an ordinal whose pod is absent now', async () => {
    const kafka = statefulSet('kafka', 3);
    const running = pod('kafka-0', { owner: kafka, claims: ['data-kafka-0'] });
    const users = await usersOf(['data-kafka-0', 'data-kafka-2', 'unrelated'], kafka, running);
    assert.deepEqual(inShort(users), [['statefulset/kafka', 3, ['data-kafka-0', 'data-kafka-2'], ['kafka-0']]]);
    assert.deepEqual(users.findings, []);
  });

  test('a StatefulSet that also uses claims which were not asked about', async () => {
    const users = await usersOf(['data-kafka-1'], statefulSet('kafka', 3));
    assert.deepEqual(inShort(users), [['statefulset/kafka', 3, ['data-kafka-1'], []]]);
  });

  test('a StatefulSet whose pod is only Pending', async () => {
    const kafka = statefulSet('kafka', 1);
    const pending = pod('kafka-0', { owner: kafka, claims: ['extra'], phase: 'Pending', node: '' });
    assert.deepEqual(inShort(await usersOf(['extra'], kafka, pending)), [
      ['statefulset/kafka', 1, ['extra'], ['kafka-0']],
    ]);
  });

  test('a Deployment, through its ReplicaSet, also for an older revision', async () => {
    const web = deployment('web', 2, 'new');
    const former = replicaSet('web-1', 1, 'old', web);
    const running = pod('web-1-x', { owner: former, claims: ['old'] });
    const users = await usersOf(['old', 'new'], web, former, running);
    assert.deepEqual(inShort(users), [['deployment/web', 2, ['new', 'old'], ['web-1-x']]]);
    assert.deepEqual(users.findings, []);
  });

  test('nothing that is at 0 already, nor pods on their way out', async () => {
    const web = deployment('web', 0, 'a');
    const former = replicaSet('web-1', 0, 'a', web);
    const leaving = [pod('web-1-x', { owner: former, claims: ['a'] }), pod('bare', { claims: ['a'], ...going })];
    const users = await usersOf(['a', 'data-kafka-0'], web, former, statefulSet('kafka', 0), ...leaving);
    assert.deepEqual([inShort(users), users.findings], [[], []]);
  });

  test('and a list of each kind tells it', async () => {
    const { cluster, calls } = clusterWith([statefulSet('kafka', 3)]);
    await findUsers(cluster, namespace, new Set(['data-kafka-0']));
    assert.deepEqual(calls, [
      'list pods',
      'list statefulsets',
      'list deployments',
      'list replicasets',
      'list daemonsets',
      'list replicationcontrollers',
      'list jobs',
      'list cronjobs',
      'list horizontalpodautoscalers',
      'GET /apis/keda.sh/v1alpha1',
    ]);
  });
});

describe('what is refused by name', () => {
  test('a bare pod, running or ended', async () => {
    const users = await usersOf(['a'], pod('debug', { claims: ['a'] }), pod('done', { claims: ['a'], ...ended }));
    assert.deepEqual(problems(users), [
      ['pod/debug', 'uses a and belongs to no workload that could be stopped'],
      ['pod/done', 'has ended (Succeeded) but holds a until it is deleted'],
    ]);
  });

  test('a pod that has ended and never had a node holds nothing', async () => {
    const users = await usersOf(['a'], pod('never', { claims: ['a'], phase: 'Failed', node: '' }));
    assert.deepEqual(users.findings, []);
  });

  test('an evicted pod of a Deployment, which scaling to 0 leaves behind; not one of a StatefulSet', async () => {
    const web = deployment('web', 1, 'a');
    const current = replicaSet('web-1', 1, 'a', web);
    const kafka = statefulSet('kafka', 1);
    const evicted = { phase: 'Failed', status: { phase: 'Failed', reason: 'Evicted' } };
    const pods = [
      pod('web-1-x', { owner: current, claims: ['a'], ...evicted }),
      pod('kafka-0', { owner: kafka, claims: ['data-kafka-0'], ...evicted }),
    ];
    const users = await usersOf(['a', 'data-kafka-0'], web, current, kafka, ...pods);
    assert.deepEqual(problems(users), [['pod/web-1-x', 'has ended (Evicted) but holds a until it is deleted']]);
    assert.deepEqual(
      users.workloads.map(({ name }) => name),
      ['kafka', 'web'],
    );
  });

  test('a Job whose pods have ended: they hold the claim still', async () => {
    const job = owner('batch/v1', 'Job', 'load');
    const users = await usersOf(['a'], pod('load-x', { owner: job, claims: ['a'], ...ended }));
    assert.deepEqual(
      users.findings.map(({ about }) => about),
      ['job/load'],
    );
  });

  test('the claim of an ephemeral volume, which goes with its pod', async () => {
    const kafka = statefulSet('kafka', 1);
    const users = await usersOf(['kafka-0-scratch'], kafka, pod('kafka-0', { owner: kafka, ephemeral: ['scratch'] }));
    assert.deepEqual(
      users.findings.map(({ about }) => about),
      ['pvc/kafka-0-scratch'],
    );
  });
});

test('the node of a claim is that of a pod that runs, before one that has ended', async () => {
  const pods = [pod('new', { claims: ['a'], node: 'node-b' }), pod('old', { claims: ['a'], node: 'node-a', ...ended })];
  assert.deepEqual([...(await usersOf(['a'], ...pods)).nodeOf], [['a', 'node-b']]);
});
