/** `restore` of claims whose operator can't be found: it is named, or left alone. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { V1StatefulSet } from '@kubernetes/client-node';
import { meanwhile } from './held.ts';
import { entering } from './interrupted.ts';
import { assertAllRestored, heldReplicas, openEventStreams, succeeds } from './owners-app.ts';
import { pvsnap } from './program.ts';
import { everythingIn } from './restore-checks.ts';

const asksForPods = ({ spec }: V1StatefulSet): boolean => spec?.replicas === 1;

describe('an operator that nothing leads to', { concurrency: 2 }, () => {
  test('is asked for: refused, and stopped when it is named', async (t) => {
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
    const [pod = ''] = operator.running();
    await home.kubectl('scale', `deployment/${operator.deployment}`, '--replicas=0');
    await home.waitForGone('Pod', pod);
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
    // An operator that is slower than the swap would find its claims deleted: that is another story.
    const acted = (): Promise<unknown> => app.waitFor<V1StatefulSet>('StatefulSet', 'es-kafka', asksForPods);
    const words = ['restore', 'one', '--yes', '--no-stop', 'eventstreams/es'];
    const failed = await meanwhile(app, entering('restore', 'swap'), acted, ...words);
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
