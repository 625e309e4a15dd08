/** What tests of the product take for granted about the operators that they fight with. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { V1StatefulSet } from '@kubernetes/client-node';
import { openNamespace, type TestNamespace } from './namespace.ts';
import { statefulSet } from './objects.ts';
import { haveActed } from './operators/acts.ts';
import { apiKind, kinds } from './operators/definitions.ts';
import { eventStreams, openEventStreamsOperator } from './operators/event-streams.ts';
import { openArgoCd, openFlux, openKeda } from './operators/healers.ts';
import { openPrometheusOperator, prometheus } from './operators/prometheus.ts';
import { kafka, openStrimziOperator } from './operators/strimzi.ts';
import { isBound, isRolledOut, isRunning } from './states.ts';

describe('operators', { concurrency: true }, () => {
  test('the Prometheus operator puts replicas back, unless it is paused or its Deployment is at 0', async (t) => {
    const [home, app] = await Promise.all([openNamespace(t), openNamespace(t)]);
    const operator = await openPrometheusOperator(t, home, app);
    await app.apply([prometheus('main')]);
    await app.waitFor('StatefulSet', 'prometheus-main', isRolledOut);
    await app.waitFor('PersistentVolumeClaim', 'prometheus-main-db-prometheus-main-1', isBound);
    await app.kubectl('scale', 'sts/prometheus-main', '--replicas=0');
    await app.waitFor<V1StatefulSet>('StatefulSet', 'prometheus-main', ({ spec }) => spec?.replicas === 2);

    await scaleDeployment(home, 'prometheus-operator', 0);
    assert.deepEqual(operator.running(), []);
    await app.kubectl('scale', 'sts/prometheus-main', '--replicas=0');
    await app.waitFor<V1StatefulSet>('StatefulSet', 'prometheus-main', isRolledOut);
    await app.kubectl('patch', 'prometheus/main', '--type=merge', '-p', '{"spec":{"paused":true}}');
    await scaleDeployment(home, 'prometheus-operator', 1);
    await app.kubectl('patch', 'prometheus/main', '--type=merge', '-p', '{"spec":{"paused":false}}');
    await app.waitFor<V1StatefulSet>('StatefulSet', 'prometheus-main', ({ spec }) => spec?.replicas === 2);
  });

  test('the Event Streams operator puts replicas back for as long as its pod is there', async (t) => {
    const [home, app] = await Promise.all([openNamespace(t), openNamespace(t)]);
    const { kind, deployment, acts, running } = await openEventStreamsOperator(t, home, app, 'lease');
    await app.apply([eventStreams(kind, 'es', { replicas: 1 })]);
    await Promise.all(['es-kafka', 'es-zookeeper'].map((name) => app.waitFor('StatefulSet', name, isRolledOut)));
    await app.kubectl('scale', 'sts/es-kafka', '--replicas=0');
    await app.waitFor<V1StatefulSet>('StatefulSet', 'es-kafka', ({ spec }) => spec?.replicas === 1);
    await haveActed(acts, ['scaled es-kafka from 0 to 1']);

    const { spec } = await home.api.get<{ spec: { holderIdentity: string } }>(
      'Lease',
      `8d3a4c7f.${home.name}.eventstreams.example.com`,
      home.name,
    );
    const [pod = ''] = running();
    assert.ok(spec.holderIdentity.startsWith(`${pod}_`), spec.holderIdentity);
    await scaleDeployment(home, deployment, 0);
    await app.kubectl('scale', 'sts/es-kafka', '--replicas=0');
    await app.waitFor('StatefulSet', 'es-kafka', isRolledOut);
    assert.equal(acts.length, 1);
    await scaleDeployment(home, deployment, 1);
    await app.waitFor<V1StatefulSet>('StatefulSet', 'es-kafka', ({ spec: now }) => now?.replicas === 1);
  });

  test('Strimzi makes pods again also while it is paused, and claims only while it is not', async (t) => {
    const [home, app] = await Promise.all([openNamespace(t), openNamespace(t)]);
    const { acts, deployment } = await openStrimziOperator(t, home, app);
    await app.apply([kafka('my', { replicas: 1 })]);
    await waitForCondition(app, 'Ready');
    await app.kubectl('annotate', 'kafka/my', 'strimzi.io/pause-reconciliation=true');
    await waitForCondition(app, 'ReconciliationPaused');
    await app.kubectl('delete', 'pod/my-kafka-0');
    await app.waitFor('Pod', 'my-kafka-0', isRunning);
    await haveActed(acts, ['pod my-kafka-0']);

    await scaleDeployment(home, deployment, 0);
    await app.kubectl('delete', 'pod/my-kafka-0', 'pvc/data-my-kafka-0');
    await app.kubectl('annotate', 'kafka/my', 'strimzi.io/pause-reconciliation-');
    await scaleDeployment(home, deployment, 1);
    await app.waitFor('Pod', 'my-kafka-0', isRunning);
    await haveActed(acts, ['pod my-kafka-0', 'claim data-my-kafka-0', 'pod my-kafka-0']);
  });

  for (const [name, open, kind, spec] of [
    ['Argo CD', openArgoCd, kinds.application, { syncPolicy: { automated: { selfHeal: true } } }],
    ['Flux', openFlux, kinds.kustomization, {}],
    ['KEDA', openKeda, kinds.scaledObject, {}],
  ] as const) {
    test(`${name} puts replicas back`, async (t) => {
      const namespace = await openNamespace(t);
      await namespace.apply([statefulSet('db', { replicas: 1 })]);
      const { acts } = await open(t, namespace, namespace.name, { kind: 'StatefulSet', name: 'db', replicas: 1 });
      await namespace.apply([{ ...kind, metadata: { name: 'app' }, spec }]);
      await namespace.kubectl('scale', 'sts/db', '--replicas=0');
      await namespace.waitFor<V1StatefulSet>('StatefulSet', 'db', ({ spec: now }) => now?.replicas === 1);
      await haveActed(acts, ['db from 0 to 1']);
    });
  }
});

/** @returns once the pods of the Deployment are as many */
async function scaleDeployment(namespace: TestNamespace, name: string, replicas: number): Promise<void> {
  await namespace.kubectl('scale', `deployment/${name}`, `--replicas=${replicas}`);
  if (replicas === 0) await namespace.kubectl('wait', '--for=delete', 'pod', `-l=app=${name}`, '--timeout=60s');
  else await namespace.waitFor('Deployment', name, isRolledOut);
}

interface Conditioned {
  status?: { conditions?: { type: string; status: string }[] };
}

async function waitForCondition(namespace: TestNamespace, type: string): Promise<void> {
  await namespace.waitFor<Conditioned>(apiKind(kinds.kafka), 'my', ({ status }) =>
    (status?.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True'),
  );
}
