import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UsageError } from '../../src/errors.ts';
import type { Target } from '../../src/workloads/targets.ts';
import { describeTarget, parseTarget, resolveTargets } from '../../src/workloads/targets.ts';
import { clusterWith } from './cluster.ts';
import { claim, deployment, namespace, pod, statefulSet } from './objects.ts';

describe('parseTarget', () => {
  const canonical: [string, string][] = [
    ['statefulset/es-kafka', 'statefulset/es-kafka'],
    ['sts/es-kafka', 'statefulset/es-kafka'],
    ['StatefulSets/es-kafka', 'statefulset/es-kafka'],
    ['statefulsets.apps/es-kafka', 'statefulset/es-kafka'],
    ['statefulset.v1.apps/es-kafka', 'statefulset/es-kafka'],
    ['deploy/x', 'deployment/x'],
    ['rs/x', 'replicaset/x'],
    ['ds/x', 'daemonset/x'],
    ['jobs.batch/x', 'job/x'],
    ['po/x', 'pod/x'],
    ['pvc/data-0', 'pvc/data-0'],
    ['persistentvolumeclaims/data-0', 'pvc/data-0'],
  ];
  for (const [word, name] of canonical) {
    test(`${word} is ${name}`, () => {
      assert.equal(describeTarget(parseTarget(word)), name);
    });
  }

  for (const word of ['es-kafka', 'sts/', '/x', 'sts/a/b', 'kafka/x', 'sts.batch/x', '', 'constructor/x']) {
    test(`"${word}" is refused with what was expected`, () => {
      const isUsageError = (error: unknown): boolean =>
        error instanceof UsageError && error.message.includes(`"${word}"`) && error.message.includes('pvc/NAME');
      assert.throws(() => parseTarget(word), isUsageError);
    });
  }
});

describe('resolveTargets', () => {
  const resolve = async (
    words: string[],
    selector: string | undefined,
    ...objects: Parameters<typeof clusterWith>[0]
  ) => {
    const { cluster, calls } = clusterWith(objects);
    const resolved = await resolveTargets(cluster, namespace, words.map(parseTarget), selector);
    return { ...resolved, names: resolved.claims.map(({ metadata }) => metadata.name), calls };
  };

  test('finds existing claims once, in natural order, and names the targets as typed', async () => {
    const claims = ['data-kafka-10', 'data-kafka-2', 'data-other-0'].map((name) => claim(name, { app: 'kafka' }));
    const words = ['sts/kafka', 'pvc/data-kafka-10', 'statefulset/kafka'];
    const { names, description, findings } = await resolve(words, 'app=kafka', ...claims, statefulSet('kafka', 11));
    assert.deepEqual(names, ['data-kafka-2', 'data-kafka-10', 'data-other-0']);
    assert.equal(description, 'statefulset/kafka,pvc/data-kafka-10,-l app=kafka');
    assert.deepEqual(findings, []);
  });

  test('lists claims once, asks for each workload once, and for pods once', async () => {
    const objects = [claim('shared'), statefulSet('kafka', 2), deployment('web', 2, 'shared')];
    const { calls } = await resolve(['sts/kafka', 'deploy/web'], undefined, ...objects);
    const asked = ['find statefulsets/kafka', 'find deployments/web', 'list persistentvolumeclaims', 'list pods'];
    assert.deepEqual(calls, asked);
  });

  test('lists no pods for a workload at rest on 0, a pod or a claim', async () => {
    const objects = [claim('data-kafka-0'), claim('mine'), statefulSet('kafka', 0), pod('one', { claims: ['mine'] })];
    const { names, calls } = await resolve(['sts/kafka', 'pod/one', 'pvc/mine'], undefined, ...objects);
    assert.deepEqual(names, ['data-kafka-0', 'mine']);
    assert.ok(!calls.includes('list pods'));
  });

  test('a selector alone is one list', async () => {
    const { names, calls } = await resolve([], 'tier=a', claim('one', { tier: 'a' }), claim('two'));
    assert.deepEqual(names, ['one']);
    assert.deepEqual(calls, ['list persistentvolumeclaims -l tier=a']);
  });

  test('finds what a pod of an older revision still uses', async () => {
    const kafka = statefulSet('kafka', 1);
    const old = pod('kafka-4', { owner: kafka, claims: ['data-kafka-4', 'formerly'] });
    const claims = ['data-kafka-0', 'data-kafka-4', 'formerly'].map((name) => claim(name));
    const { names } = await resolve(['sts/kafka'], undefined, kafka, old, ...claims);
    assert.deepEqual(names, ['data-kafka-0', 'data-kafka-4', 'formerly']);
  });

  test('every target without a claim is a finding with a way out', async () => {
    const objects = [statefulSet('bare', 1, { volumeClaimTemplates: [] }), statefulSet('new', 1), claim('other')];
    const words = ['sts/absent', 'pvc/absent', 'sts/bare', 'sts/new'];
    const { findings, claims } = await resolve(words, 'app=x', ...objects);
    assert.deepEqual(claims, []);
    assert.deepEqual(
      findings.map(({ about, problem }) => [about, problem]),
      [
        ['statefulset/absent', 'not found in namespace kafka'],
        ['pvc/absent', 'not found in namespace kafka'],
        ['statefulset/bare', 'its pods use no claims'],
        ['statefulset/new', "its claims don't exist: data-new-0"],
        ['-l app=x', 'matches no claim in namespace kafka'],
      ],
    );
    assert.ok(findings.every(({ remedy }) => remedy?.includes('kubectl get') === true));
  });

  test('describeTarget and parseTarget are each other’s inverse', () => {
    const target: Target = { type: 'workload', kind: 'daemonset', name: 'x' };
    assert.deepEqual(parseTarget(describeTarget(target)), target);
  });
});
