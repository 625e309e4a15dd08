/** `restore` of what its operator shuts down itself, by the StatefulSet that deletes its claims when it is scaled down. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { V1StatefulSet } from '@kubernetes/client-node';
import { openNamespace, type TestNamespace } from '../cluster/namespace.ts';
import { apiKind } from '../cluster/operators/definitions.ts';
import type { Postgresql } from '../cluster/operators/zalando.ts';
import { openZalandoOperator, postgresql, postgresqls } from '../cluster/operators/zalando.ts';
import { isGone, isRolledOut } from '../cluster/states.ts';
import { assertAllRestored, assertInOrder, moment, succeeds } from './owners-app.ts';
import { pvsnap } from './program.ts';
import { fill, takeSet } from './restore-app.ts';
import { assertFailed, everythingIn } from './restore-checks.ts';

const kind = apiKind(postgresqls);
const claims = ['data-db-0', 'data-db-1'];

async function openDatabase(t: TestContext): Promise<TestNamespace> {
  const app = await openNamespace(t);
  await openZalandoOperator(t, app);
  await app.apply([postgresql('db', 2)]);
  await app.waitFor('StatefulSet', 'db', isRolledOut);
  await fill(app, claims, 'before');
  await takeSet(app, 'one', ['sts/db'], claims);
  return app;
}

const policyOf = ({ spec }: V1StatefulSet): string | undefined =>
  spec?.persistentVolumeClaimRetentionPolicy?.whenScaled;

describe('a database that its operator shuts down', { concurrency: 2 }, () => {
  test('keeps its claims: the policy that would delete them is set aside before the shutdown', async (t) => {
    const app = await openDatabase(t);
    const moments = {
      kept: moment<V1StatefulSet>(app, 'StatefulSet', 'db', (set) => policyOf(set) === 'Retain'),
      shutDown: moment<Postgresql>(app, kind, 'db', ({ spec }) => spec.numberOfInstances === 0),
      member: moment(app, 'Pod', 'db-0', isGone),
      claim: moment(app, 'PersistentVolumeClaim', 'data-db-0', isGone),
    };

    const { stderr } = await succeeds(app, 'restore', 'one');

    assert.match(stderr, /postgresql\/db +shuts its pods down/);
    await assertInOrder(moments);
    await assertAllRestored(app, claims);
    const { spec, metadata } = await app.api.get<Postgresql>(kind, 'db', app.name);
    assert.deepEqual([spec.numberOfInstances, metadata.annotations?.['pvsnap.io/held']], [2, undefined]);
    assert.equal(policyOf(await app.api.get<V1StatefulSet>('StatefulSet', 'db', app.name)), 'Delete');
  });

  test('is not replaced: its operator may put the policy back before a copy is taken', async (t) => {
    const app = await openDatabase(t);
    const before = await everythingIn(app);
    const refused = await pvsnap(app, 'restore', 'one', '--yes', '--strategy', 'replace');
    assertFailed(refused, 'nothing was changed', 'statefulset/db', 'whenScaled');
    assert.deepEqual(await everythingIn(app), before);
  });
});
