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
    assert.equal(operator.running().length, 1);
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

  test('that nothing leads to: refused, and stopped when it is named', async (t) => {
    const { home, app, operator, claims } = await openEventStreams(t, 'none');
    const before = await everythingIn(app);
    const refused = await pvsnap(app, 'restore', 'one', '--yes');
    assert.equal(refused.code, 1, refused.stderr);
    assert.match(refused.stderr, /nothing was changed/);
    assert.match(refused.stderr, /eventstreams\/es/);
    assert.match(refused.stderr, /--stop \[NAMESPACE\/\]deployment\/NAME/);
    assert.match(refused.stderr, /--no-stop eventstreams\/es/);
    const missing = await pvsnap(app, 'restore', 'one', '--yes', `--stop=deployment/${operator.deployment}`);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /not found/);
    assert.deepEqual(await everythingIn(app), before);

    await succeeds(app, 'restore', 'one', `--stop=${home.name}/deployment/${operator.deployment}`);
    await assertAllRestored(app, claims);
    assert.deepEqual(operator.acts, []);
    assert.deepEqual(await heldReplicas(home, 'Deployment', operator.deployment), { replicas: 1, isHeld: false });
  });

  test('that a person has stopped and leaves so: --no-stop', async (t) => {
    const { home, app, operator, claims } = await openEventStreams(t, 'none');
    const gone = home.waitFor('Pod', operator.running()[0] ?? '', isGone);
    await home.kubectl('scale', `deployment/${operator.deployment}`, '--replicas=0');
    await gone;
    await succeeds(app, 'restore', 'one', '--no-stop', 'eventstreams/es');
    await assertAllRestored(app, claims);
    assert.deepEqual(await heldReplicas(home, 'Deployment', operator.deployment), { replicas: 0, isHeld: false });
  });

  test('left alone while it runs: the restore fails before it deletes a claim, and undo can be told its name', async (t) => {
    const { home, app, operator, claims } = await openEventStreams(t, 'none');
    const uids = async (): Promise<unknown[]> =>
      Promise.all(
        claims.map(async (name) => (await app.api.get('PersistentVolumeClaim', name, app.name)).metadata.uid),
      );
    const before = await uids();
    const failed = await pvsnap(app, 'restore', 'one', '--yes', '--no-stop', 'eventstreams/es');
    assert.equal(failed.code, 1, failed.stderr);
    // Whichever is seen first: the replicas, or the pod that comes of them.
    assert.match(failed.stderr, /error: .*es-(kafka|zookeeper).*( is started again | uses claim \S+ again)/);
    assert.match(failed.stderr, /kubectl pvsnap undo restore-/);
    assert.ok(operator.acts.length > 0);
    assert.deepEqual(await uids(), before);

    await succeeds(app, 'undo', `--stop=${home.name}/deployment/${operator.deployment}`);
    assert.deepEqual(
      await Promise.all(claims.map((name) => app.read(name, 'data'))),
      claims.map((name) => `${name}: after`),
    );
    assert.deepEqual(await heldReplicas(app, 'StatefulSet', 'es-kafka'), { replicas: 1, isHeld: false });
    assert.deepEqual(await heldReplicas(home, 'Deployment', operator.deployment), { replicas: 1, isHeld: false });
  });
});

/** A Deployment whose program is called so. */
function namesake(name: string, program: string): KubeObject {
  const made = deployment(name, []);
  const { template } = made.spec as { template: { spec: { containers: object[] } } };
  template.spec.containers = [{ name: program, image: `registry.example.com/${program}:1`, command: [`/${program}`] }];
  return made;
}
