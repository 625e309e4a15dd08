import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { KubeObject } from '../../src/cluster/objects.ts';
import { findAutoscalers } from '../../src/workloads/autoscalers.ts';
import type { FieldChange } from '../../src/workloads/owner.ts';
import { servedCluster } from './served.ts';

const namespace = 'shop';
const worker = { group: 'apps', kind: 'deployment', name: 'worker' };
const es = { group: 'apps', kind: 'statefulset', name: 'es' };
const keda = ['keda.sh/v1alpha1 ScaledObject scaledobjects'];

type Found = Awaited<ReturnType<typeof findAutoscalers>>;

/** As KEDA 2 publishes it; scaleTargetRef without apiVersion and kind means a Deployment. */
function scaledObject(
  annotations: Record<string, string> = {},
  scaleTargetRef: object = { name: 'worker' },
): KubeObject {
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: 'worker', namespace, uid: 'u-so', annotations },
    ...{ spec: { scaleTargetRef, minReplicaCount: 0, maxReplicaCount: 9, triggers: [{ type: 'kafka' }] } },
  };
}

function hpa(spec: object, status: object = {}, metadata: object = {}): KubeObject {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'es', namespace, uid: 'u-hpa', ...metadata },
    ...{ spec: { maxReplicas: 5, ...spec }, status },
  };
}

const esRef = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'es' } };

async function found(objects: KubeObject[], kinds: string[] = keda, forbidden: string[] = []): Promise<Found> {
  return findAutoscalers(servedCluster({ kinds, objects, forbidden }).cluster, namespace, [es, worker]);
}

async function changes(annotations: Record<string, string>): Promise<FieldChange[]> {
  const { owners } = await found([scaledObject(annotations)]);
  return owners.flatMap((owner) => owner.changes);
}

describe('a HorizontalPodAutoscaler', () => {
  test('is told of and left alone: it lets 0 replicas be', async () => {
    const { owners, findings, notes } = await found([hpa({ ...esRef, minReplicas: 2 }, { currentReplicas: 3 })]);
    assert.deepEqual([owners, findings], [[], []]);
    assert.deepEqual(notes, ['hpa/es scales statefulset/es again once it is started (2 to 5 replicas)']);
  });

  test('whose minimum is above the replicas of now: it will get more than it had', async () => {
    const { notes } = await found([hpa({ ...esRef, minReplicas: 3 }, { currentReplicas: 1 })]);
    assert.match(notes.join(), /it has 1 now, so it will get 3$/);
  });

  test('of another workload, group or kind is not meant', async () => {
    const others = [
      { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'other' },
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'es' },
      { apiVersion: 'example.com/v1', kind: 'StatefulSet', name: 'es' },
    ];
    const { notes } = await found(others.map((scaleTargetRef) => hpa({ scaleTargetRef })));
    assert.deepEqual(notes, []);
  });

  test('of a custom resource above the workload is told of too', async () => {
    const scaleTargetRef = { apiVersion: 'kafka.strimzi.io/v1', kind: 'KafkaConnect', name: 'es' };
    const { cluster } = servedCluster({ kinds: [], objects: [hpa({ scaleTargetRef })] });
    const target = { group: 'kafka.strimzi.io', kind: 'KafkaConnect', name: 'es' };
    const { notes } = await findAutoscalers(cluster, namespace, [target]);
    assert.deepEqual(notes, ['hpa/es scales kafkaconnect/es again once it is started (1 to 5 replicas)']);
  });

  test('that KEDA has made is not told of: KEDA takes it away itself', async () => {
    const ownerReferences = [{ apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'es', uid: 'u' }];
    assert.deepEqual((await found([hpa(esRef, {}, { ownerReferences })])).notes, []);
  });

  test('whose minimum is 0 may start its workload from 0, so it gets another minimum meanwhile', async () => {
    const { owners, findings } = await found([hpa({ ...esRef, minReplicas: 0 }, { currentReplicas: 1 })]);
    assert.deepEqual(findings, []);
    assert.deepEqual(
      owners.map(({ role, name, changes: all }) => [role, name, all]),
      [['autoscaler', 'es', [{ path: ['spec', 'minReplicas'], before: 0, during: 1 }]]],
    );
    const refused = await found([hpa({ ...esRef, minReplicas: 0 })], [], ['patch horizontalpodautoscalers shop']);
    assert.deepEqual(refused.owners, []);
    assert.deepEqual(
      refused.findings.map(({ about, remedy }) => [about, remedy]),
      [
        [
          'horizontalpodautoscaler/es in namespace shop',
          `have somebody run: kubectl patch hpa es -n shop --type merge -p '{"spec":{"minReplicas":1}}'`,
        ],
      ],
    );
  });

  test('may not be listed: nothing fails', async () => {
    const nothing = { owners: [], findings: [], notes: [] };
    assert.deepEqual(await found([hpa(esRef)], [], ['list horizontalpodautoscalers']), nothing);
  });
});

describe("KEDA's ScaledObject", () => {
  test('is an owner: it would start its workload from 0', async () => {
    const { owners, findings, notes } = await found([scaledObject()]);
    assert.deepEqual(owners, [
      {
        role: 'autoscaler',
        resource: {
          group: 'keda.sh',
          version: 'v1alpha1',
          plural: 'scaledobjects',
          kind: 'ScaledObject',
          namespaced: true,
        },
        namespace,
        name: 'worker',
        uid: 'u-so',
        changes: [{ path: ['metadata', 'annotations', 'autoscaling.keda.sh/paused'], during: 'true' }],
        how: 'pause',
        proof: { type: 'Paused', status: 'True' },
      },
    ]);
    assert.deepEqual(findings, []);
    assert.deepEqual(notes, [
      'scaledobject/worker in namespace shop is paused meanwhile: KEDA would start what it scales again',
    ]);
  });

  test('of a StatefulSet, named in full', async () => {
    const { owners } = await found([scaledObject({}, esRef.scaleTargetRef)]);
    assert.equal(owners.length, 1);
    assert.equal((await found([scaledObject({}, { kind: 'StatefulSet', name: 'worker' })])).owners.length, 0);
  });

  test('that rests already stays as it is, and its right is not asked for', async () => {
    for (const annotations of [
      { 'autoscaling.keda.sh/paused': 'true' },
      { 'autoscaling.keda.sh/paused': '' },
      { 'autoscaling.keda.sh/paused-replicas': '0' },
    ]) {
      const { cluster, calls } = servedCluster({ kinds: keda, objects: [scaledObject(annotations)] });
      assert.deepEqual(await findAutoscalers(cluster, namespace, [worker]), { owners: [], findings: [], notes: [] });
      assert.ok(!calls.some((call) => call.startsWith('may')));
    }
  });

  test('with paused-replicas would be scaled to that number by KEDA: the number is taken away', async () => {
    const key = (name: string): string[] => ['metadata', 'annotations', `autoscaling.keda.sh/${name}`];
    assert.deepEqual(await changes({ 'autoscaling.keda.sh/paused-replicas': '3' }), [
      { path: key('paused'), during: 'true' },
      { path: key('paused-replicas'), before: '3', during: null },
    ]);
    const both = { 'autoscaling.keda.sh/paused-replicas': '3', 'autoscaling.keda.sh/paused': 'true' };
    assert.deepEqual(await changes(both), [{ path: key('paused-replicas'), before: '3', during: null }]);
    assert.deepEqual(await changes({ 'autoscaling.keda.sh/paused': 'false' }), [
      { path: key('paused'), before: 'false', during: 'true' },
    ]);
  });

  test('paused in one direction has the condition already, so it proves nothing', async () => {
    const { owners } = await found([scaledObject({ 'autoscaling.keda.sh/paused-scale-in': 'true' })]);
    assert.deepEqual(
      owners.map(({ proof }) => proof),
      [undefined],
    );
  });

  test('that may not be patched is a finding with the command, also one with a number', async () => {
    const forbidden = ['patch scaledobjects shop'];
    const refused = await found([scaledObject({ 'autoscaling.keda.sh/paused-replicas': '3' })], keda, forbidden);
    assert.deepEqual(refused.owners, []);
    assert.deepEqual(refused.findings, [
      {
        about: 'scaledobject/worker in namespace shop',
        problem: 'would start what is stopped, and you may not patch it',
        remedy:
          'have somebody run: kubectl annotate scaledobjects.keda.sh worker -n shop --overwrite ' +
          'autoscaling.keda.sh/paused=true autoscaling.keda.sh/paused-replicas-',
      },
    ]);
  });

  test('may not be listed: that is said, and nothing fails', async () => {
    const { owners, findings, notes } = await found([scaledObject()], keda, ['list scaledobjects']);
    assert.deepEqual([owners, findings], [[], []]);
    assert.match(notes.join(), /^you may not list scaledobjects\.keda\.sh in namespace shop/);
  });

  test('after the change KEDA would call it paused, and not scale it to a number, whatever was there', async () => {
    const text = fc.option(fc.constantFrom('true', 'false', '0', 'T', 'no', '', '3'), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(text, text, async (paused, replicas) => {
        const annotations = {
          ...(paused !== undefined && { 'autoscaling.keda.sh/paused': paused }),
          ...(replicas !== undefined && { 'autoscaling.keda.sh/paused-replicas': replicas }),
        };
        const after: Record<string, FieldChange['during'] | undefined> = { ...annotations };
        for (const { path, during } of await changes(annotations)) after[path.at(-1) ?? ''] = during ?? undefined;
        const number = after['autoscaling.keda.sh/paused-replicas'];
        const says = after['autoscaling.keda.sh/paused'];
        // KEDA's NeedToBePausedByAnnotation.
        const isPaused = typeof says === 'string' && !['0', 'f', 'F', 'false', 'False', 'FALSE'].includes(says);
        assert.ok(number === '0' || (number === undefined && isPaused));
      }),
    );
  });
});

test('without workloads nothing is asked; otherwise one list each, and KEDA only where it is served', async () => {
  const none = servedCluster({ kinds: keda });
  await findAutoscalers(none.cluster, namespace, []);
  assert.deepEqual(none.calls, []);
  const without = servedCluster({ kinds: [] });
  await findAutoscalers(without.cluster, namespace, [es, worker]);
  assert.deepEqual(without.calls, ['list horizontalpodautoscalers shop', 'kinds keda.sh/v1alpha1']);
  const both = servedCluster({ kinds: keda, objects: [scaledObject()] });
  await findAutoscalers(both.cluster, namespace, [es, worker]);
  assert.deepEqual(both.calls.slice(2), ['list scaledobjects shop', 'may patch scaledobjects shop']);
});
