/** `restore` against the real Prometheus operator, which runs all the time and puts back whatever is scaled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1Deployment } from '@kubernetes/client-node';
import { openNamespace, type TestNamespace } from '../cluster/namespace.ts';
import { apiKind } from '../cluster/operators/definitions.ts';
import { openPrometheusOperator, prometheus, prometheuses } from '../cluster/operators/prometheus.ts';
import { isGone, isRolledOut } from '../cluster/states.ts';
import { assertAllRestored, assertInOrder, heldReplicas, moment, succeeds } from './owners-app.ts';
import { fill, takeSet } from './restore-app.ts';
import { assertRestored } from './restore-checks.ts';

const kind = apiKind(prometheuses);
const set = 'prometheus-main';

interface Pausable {
  spec: { paused?: boolean };
}

test('a Prometheus is paused while its claims are exchanged, and its operator never stops', async (t) => {
  const [home, app] = await Promise.all([openNamespace(t), openNamespace(t)]);
  const operator = await openPrometheusOperator(t, home, app);
  await app.apply([prometheus('main', { replicas: 2 })]);
  await app.waitFor('StatefulSet', set, isRolledOut);
  const claims = [0, 1].map((ordinal) => `${set}-db-${set}-${ordinal}`);
  await fill(app, claims, 'before');
  await takeSet(app, 'one', [`sts/${set}`], claims);
  const pods = operator.running();
  const { metadata } = await home.api.get<V1Deployment>('Deployment', 'prometheus-operator', home.name);
  const isPaused = ({ spec }: Pausable): boolean => spec.paused === true;
  const moments = {
    paused: moment<Pausable>(app, kind, 'main', isPaused),
    member: moment(app, 'Pod', `${set}-0`, isGone),
    claim: moment(app, 'PersistentVolumeClaim', claims[0] ?? '', isGone),
  };

  const { stderr } = await succeeds(app, 'restore', 'one');

  assert.match(stderr, /prometheus\/main +paused/);
  await assertInOrder(moments);
  await assertAllRestored(app, claims);
  assert.equal(await pausedIn(app), undefined);
  assert.deepEqual(await heldReplicas(app, 'StatefulSet', set), { replicas: 2, isHeld: false });
  const after = await home.api.get<V1Deployment>('Deployment', 'prometheus-operator', home.name);
  assert.equal(after.metadata?.generation, metadata?.generation);
  assert.deepEqual(operator.running(), pods);

  // What somebody else has paused stays so.
  await app.kubectl('patch', 'prometheus/main', '--type=merge', '-p', '{"spec":{"paused":true}}');
  await succeeds(app, 'undo');
  assert.equal(await pausedIn(app), true);
  await assertRestored(app, {
    claims: Object.fromEntries(claims.map((name) => [name, 'after'])),
    parked: claims.map((name) => [name, 'before']),
  });
});

async function pausedIn({ api, name }: TestNamespace): Promise<boolean | undefined> {
  const { spec } = await api.get<Pausable>(kind, 'main', name);
  return spec.paused;
}
