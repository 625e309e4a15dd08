/**
 * `restore` of claims whose StatefulSets belong to a custom resource that no table knows: the operator's own Deployment
 * is found, stopped first and put back last.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { V1Deployment, V1StatefulSet } from '@kubernetes/client-node';
import type { KubeObject } from '../cluster/api.ts';
import { eventStreams } from '../cluster/operators/event-streams.ts';
import { deployment } from '../cluster/objects.ts';
import { isGone, isRolledOut } from '../cluster/states.ts';
import { entering, interruptedAt } from './interrupted.ts';
import { assertAllRestored, assertInOrder, heldReplicas, moment, openEventStreams, succeeds } from './owners-app.ts';
import { pvsnap } from './program.ts';
import { everythingIn } from './restore-checks.ts';

const isAt =
  (replicas: number) =>
  ({ spec }: V1StatefulSet | V1Deployment): boolean =>
    spec?.replicas === replicas;

describe('an operator that puts replicas back', { concurrency: 2 }, () => {
  test('found by OLM: it is gone before its StatefulSets are stopped, and back once they run', async (t) => {
    const { home, app, operator, claims } = await openEventStreams(t, 'olm');
    const [pod = ''] = operator.running();
    const stopped = {
      operator: moment(home, 'Deployment', operator.deployment, isAt(0)),
      pod: moment(home, 'Pod', pod, isGone),
      set: moment(app, 'StatefulSet', 'es-kafka', isAt(0)),
      member: moment(app, 'Pod', 'es-kafka-0', isGone),
      claim: moment(app, 'PersistentVolumeClaim', 'data-es-kafka-0', isGone),
    };

    const { stdout, stderr } = await succeeds(app, 'restore', 'one');

    assert.match(stdout, /^operation\/restore-\w{5} completed\n$/);
    assert.ok(stderr.includes(`deployment/${operator.deployment}`), stderr);
    await assertInOrder(stopped);
    await assertAllRestored(app, claims);
    assert.deepEqual(operator.acts, []);
    assert.deepEqual(await heldReplicas(home, 'Deployment', operator.deployment), { replicas: 1, isHeld: false });
    await operator.started();
    for (const set of ['es-kafka', 'es-zookeeper']) {
      assert.deepEqual(await heldReplicas(app, 'StatefulSet', set), { replicas: 1, isHeld: false });
    }
    await app.kubectl('scale', 'sts/es-kafka', '--replicas=0');
    await app.waitFor('StatefulSet', 'es-kafka', isAt(1));
  });

  test('found by its Lease among others of the same name; the plan says whom else it serves', async (t) => {
    const { home, app, operator, claims } = await openEventStreams(t, 'lease');
    await home.apply([namesake('other-operator', 'manager'), eventStreams(operator.kind, 'second', { replicas: 0 })]);
    await home.waitFor('Deployment', 'other-operator', isRolledOut);
    await home.waitFor('StatefulSet', 'second-zookeeper', isRolledOut);
    const before = await everythingIn(app);

    const plan = await pvsnap(app, 'restore', 'one', '--dry-run=client');

    assert.equal(plan.code, 0, plan.stderr);
    assert.match(plan.stdout, new RegExp(`stop +${home.name}/deployment/${operator.deployment} +1 replica`));
    assert.match(plan.stdout, new RegExp(`also serves ${home.name}/eventstreams/second`));
    assert.match(plan.stdout, /eventstreams\/es/);
    assert.doesNotMatch(plan.stdout, /other-operator/);
    assert.deepEqual(await everythingIn(app), before);
    assert.deepEqual(await heldReplicas(home, 'Deployment', operator.deployment), { replicas: 1, isHeld: false });

    const others = await home.api.get<V1Deployment>('Deployment', 'other-operator', home.name);
    await succeeds(app, 'restore', 'one');
    await assertAllRestored(app, claims);
    assert.deepEqual(operator.acts, []);
    const { metadata } = await home.api.get<V1Deployment>('Deployment', 'other-operator', home.name);
    assert.equal(metadata?.generation, others.metadata?.generation);
  });

  test('that may be either of two: refused with both names', async (t) => {
    const { home, app, operator } = await openEventStreams(t, 'writer');
    await app.apply([namesake('other-operator', operator.deployment)]);
    const refused = await pvsnap(app, 'restore', 'one', '--yes');
    assert.equal(refused.code, 1, refused.stderr);
    for (const name of [`${home.name}/deployment/${operator.deployment}`, `${app.name}/deployment/other-operator`]) {
      assert.ok(refused.stderr.includes(name), refused.stderr);
    }
    assert.deepEqual(operator.acts, []);
  });

  test('that somebody scales up after a kill: resume stops it again, and that number is put back', async (t) => {
    const { home, app, operator, claims } = await openEventStreams(t, 'writer');
    const operation = await interruptedAt(app, entering('restore', 'swap'), 'restore', 'one');
    assert.deepEqual(operator.running(), []);
    await home.kubectl('scale', `deployment/${operator.deployment}`, '--replicas=2');
    await app.waitFor('StatefulSet', 'es-zookeeper', isAt(1));

    await succeeds(app, 'resume', operation);

    await assertAllRestored(app, claims);
    assert.deepEqual(await heldReplicas(home, 'Deployment', operator.deployment), { replicas: 2, isHeld: false });
    for (const set of ['es-kafka', 'es-zookeeper']) {
      assert.deepEqual(await heldReplicas(app, 'StatefulSet', set), { replicas: 1, isHeld: false });
    }
  });
});

/** A Deployment whose program is called so. */
function namesake(name: string, program: string): KubeObject {
  const made = deployment(name, []);
  const { template } = made.spec as { template: { spec: { containers: object[] } } };
  template.spec.containers = [{ name: program, image: `registry.example.com/${program}:1`, command: [`/${program}`] }];
  return made;
}
