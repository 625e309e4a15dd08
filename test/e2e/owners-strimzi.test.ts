/** `restore` of a Kafka whose pods no StatefulSet makes: its operator alone ends them and brings them back. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { V1Deployment, V1PersistentVolumeClaim } from '@kubernetes/client-node';
import type { KubeObject } from '../cluster/api.ts';
import { openNamespace, type TestNamespace } from '../cluster/namespace.ts';
import { haveActed } from '../cluster/operators/acts.ts';
import { apiKind, kinds } from '../cluster/operators/definitions.ts';
import type { StrimziOperator } from '../cluster/operators/strimzi.ts';
import { kafka, openStrimziOperator } from '../cluster/operators/strimzi.ts';
import { isGone } from '../cluster/states.ts';
import { entering, interruptedAt } from './interrupted.ts';
import { assertAllRestored, assertInOrder, heldReplicas, moment, succeeds } from './owners-app.ts';
import { fill, takeSet } from './restore-app.ts';
import { assertRestored, list } from './restore-checks.ts';

const PAUSE = 'strimzi.io/pause-reconciliation';
const claims = ['data-my-kafka-0', 'data-my-kafka-1'];
const made = ['pod my-kafka-0', 'pod my-kafka-1'];

interface Conditioned extends KubeObject {
  status?: { conditions?: { type: string; status: string }[] };
}

describe('a Kafka of Strimzi', { concurrency: 2 }, () => {
  test('is paused, its operator stopped, its pods deleted; and all comes back', async (t) => {
    const { home, app, operator } = await openKafka(t);
    const [pod = ''] = operator.running();
    const moments = {
      paused: moment(app, apiKind(kinds.kafka), 'my', says('ReconciliationPaused')),
      operator: moment(home, 'Pod', pod, isGone),
      member: moment(app, 'Pod', 'my-kafka-0', isGone),
      claim: moment(app, 'PersistentVolumeClaim', 'data-my-kafka-0', isGone),
    };

    const { stderr } = await succeeds(app, 'restore', 'one');

    assert.ok(stderr.includes(`${home.name}/deployment/${operator.deployment}`), stderr);
    await assertInOrder(moments);
    await assertAllRestored(app, claims);
    await haveActed(operator.acts, made);
    await assertReleased({ home, app, operator });
    const present = await list<V1PersistentVolumeClaim>(app, 'PersistentVolumeClaim');
    const { metadata } = await app.api.get(apiKind(kinds.kafka), 'my', app.name);
    for (const claim of present) {
      assert.deepEqual(
        (claim.metadata.ownerReferences as { uid: string }[] | undefined)?.map(({ uid }) => uid),
        [metadata.uid],
      );
    }
  });

  for (const verb of ['resume', 'undo'] as const) {
    test(`killed before the swap: ${verb} brings the operator and the pods back`, async (t) => {
      const { home, app, operator } = await openKafka(t);
      const operation = await interruptedAt(app, entering('restore', 'swap'), 'restore', 'one');
      assert.deepEqual(operator.running(), []);

      await succeeds(app, verb, operation);

      const [now, then] = verb === 'resume' ? ['before', 'after'] : ['after', 'before'];
      await assertRestored(app, {
        claims: Object.fromEntries(claims.map((name) => [name, now])),
        parked: claims.map((name) => [name, then]),
      });
      await haveActed(operator.acts, made);
      await assertReleased({ home, app, operator });
    });
  }
});

describe('an operator of Strimzi that is stopped already', { concurrency: 2 }, () => {
  test('by an operation of another namespace: nothing is waited for that only it would say or make', async (t) => {
    const { home, app, operator } = await openKafka(t);
    const changes = [{ path: ['spec', 'replicas'], before: 1, during: 0 }];
    const held = JSON.stringify({ by: ['elsewhere/restore-zzzzz'], changes });
    await stop({ home, app, operator }, { 'pvsnap.io/held': held });

    const { stderr } = await succeeds(app, 'restore', 'one', '--timeout', '60s');

    assert.match(stderr, /stays held: elsewhere\/restore-zzzzz holds it too/);
    await assertRestored(app, {
      claims: Object.fromEntries(claims.map((name) => [name, 'before'])),
      parked: claims.map((name) => [name, 'after']),
    });
    const { metadata } = await home.api.get<V1Deployment>('Deployment', operator.deployment, home.name);
    assert.equal(metadata?.annotations?.['pvsnap.io/held'], held);
    await start({ home, app, operator });
  });

  test('by a person: it stays so, and the plan says so', async (t) => {
    const { home, app, operator } = await openKafka(t);
    await stop({ home, app, operator }, {});

    const { stderr } = await succeeds(app, 'restore', 'one', '--timeout', '60s');

    assert.match(stderr, new RegExp(`${operator.deployment} +stopped already`));
    assert.match(stderr, /stays so: what only it makes comes back once you start it/);
    assert.deepEqual(await heldReplicas(home, 'Deployment', operator.deployment), { replicas: 0, isHeld: false });
    await start({ home, app, operator });
    await assertAllRestored(app, claims);
  });
});

async function stop({ home, operator }: KafkaApp, annotations: Record<string, string>): Promise<void> {
  const patch = JSON.stringify({ metadata: { annotations }, spec: { replicas: 0 } });
  await home.kubectl('patch', `deployment/${operator.deployment}`, '--type=merge', '-p', patch);
  await operator.ended();
}

/** As whoever stopped it does in the end. */
async function start({ home, app, operator }: KafkaApp): Promise<void> {
  const patch = JSON.stringify({ metadata: { annotations: { 'pvsnap.io/held': null } }, spec: { replicas: 1 } });
  await home.kubectl('patch', `deployment/${operator.deployment}`, '--type=merge', '-p', patch);
  await app.waitFor<Conditioned>(apiKind(kinds.kafka), 'my', says('Ready'));
}

interface KafkaApp {
  home: TestNamespace;
  app: TestNamespace;
  operator: StrimziOperator;
}

async function openKafka(t: Parameters<typeof openNamespace>[0]): Promise<KafkaApp> {
  const [home, app] = await Promise.all([openNamespace(t), openNamespace(t)]);
  const operator = await openStrimziOperator(t, home, app);
  await app.apply([kafka('my', { replicas: 2, deleteClaim: true })]);
  await app.waitFor<Conditioned>(apiKind(kinds.kafka), 'my', says('Ready'));
  await fill(app, claims, 'before');
  const targets = claims.map((name) => `pvc/${name}`);
  await takeSet(app, 'one', targets, claims);
  return { home, app, operator };
}

function says(type: string): (object: Conditioned) => boolean {
  return ({ status }) => (status?.conditions ?? []).some((one) => one.type === type && one.status === 'True');
}

async function assertReleased({ home, app, operator }: KafkaApp): Promise<void> {
  const { metadata } = await app.api.get(apiKind(kinds.kafka), 'my', app.name);
  assert.deepEqual([metadata.annotations?.[PAUSE], metadata.annotations?.['pvsnap.io/held']], [undefined, undefined]);
  assert.deepEqual(await heldReplicas(home, 'Deployment', operator.deployment), { replicas: 1, isHeld: false });
  const { status } = await home.api.get<V1Deployment>('Deployment', operator.deployment, home.name);
  assert.equal(status?.readyReplicas, 1);
}
