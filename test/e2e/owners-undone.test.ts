/** Owners that an interrupted operation holds, through undos that are interrupted, resumed and undone themselves. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { V1StatefulSet } from '@kubernetes/client-node';
import { entering, interruptedAt, replicasOf, succeed } from './interrupted.ts';
import type { EventStreamsApp } from './owners-app.ts';
import { heldReplicas, openEventStreams, succeeds } from './owners-app.ts';
import { assertRestored } from './restore-checks.ts';

async function assertRunning({ home, app, operator }: EventStreamsApp): Promise<void> {
  assert.deepEqual(await heldReplicas(home, 'Deployment', operator.deployment), { replicas: 1, isHeld: false });
  await operator.started();
  assert.deepEqual(operator.acts, []);
  for (const set of ['es-kafka', 'es-zookeeper']) {
    assert.deepEqual(await heldReplicas(app, 'StatefulSet', set), { replicas: 1, isHeld: false });
  }
}

describe('a restore that was killed before its swap', { concurrency: 2 }, () => {
  for (const step of ['swap', 'start']) {
    test(`undone, and the undo killed before ${step}: resume puts the operator and the replicas back`, async (t) => {
      const streams = await openEventStreams(t, 'olm');
      const { app, claims } = streams;
      const restore = await interruptedAt(app, entering('restore', 'swap'), 'restore', 'one');
      const undo = await interruptedAt(app, entering('undo', step), 'undo', restore);

      await succeeds(app, 'resume', undo);

      await assertRunning(streams);
      await assertRestored(app, {
        claims: Object.fromEntries(claims.map((name) => [name, 'after'])),
        parked: claims.map((name) => [name, 'before']),
      });
    });
  }
});

test('a restore killed after its swap, its undo killed in the middle, undone: the operator is let go of', async (t) => {
  const streams = await openEventStreams(t, 'olm');
  const { app, claims } = streams;
  const restore = await interruptedAt(app, entering('restore', 'start'), 'restore', 'one');
  const undo = await interruptedAt(app, entering('undo', 'swap'), 'undo', restore);
  assert.equal(await replicasOf(app), 0);

  await succeed(app, 'undo', undo);

  await assertRunning(streams);
  await assertRestored(app, {
    claims: Object.fromEntries(claims.map((name) => [name, 'before'])),
    parked: claims.map((name) => [name, 'after']),
  });
});

test('a restore whose record is gone: undo puts back what stands on the owners', async (t) => {
  const streams = await openEventStreams(t, 'olm');
  const { app, claims } = streams;
  const restore = await interruptedAt(app, entering('restore', 'start'), 'restore', 'one');
  await app.kubectl('delete', `configmap/pvsnap-${restore}`);

  const { stderr } = await succeeds(app, 'undo', restore);

  assert.match(stderr, new RegExp(`deployment/${streams.operator.deployment}`));
  const { deployment } = streams.operator;
  assert.deepEqual(await heldReplicas(streams.home, 'Deployment', deployment), { replicas: 1, isHeld: false });
  await Promise.all(['es-kafka', 'es-zookeeper'].map((name) => app.waitFor('StatefulSet', name, runs)));
  await assertRestored(app, {
    claims: Object.fromEntries(claims.map((name) => [name, 'after'])),
    parked: claims.map((name) => [name, 'before']),
  });
});

/** Its operator alone knows how many there shall be. */
function runs({ status }: V1StatefulSet): boolean {
  return status?.readyReplicas === 1;
}
