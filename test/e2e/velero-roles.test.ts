/** What docs/rbac.md tells an administrator to give is enough for all that is done with backups of Velero's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openNamespace } from '../cluster/namespace.ts';
import { openVelero } from '../cluster/velero.ts';
import { giveDocumentedRoles } from './documented-roles.ts';
import { entering, interruptedAt } from './interrupted.ts';
import { pvsnap } from './program.ts';
import { fill, runStatefulSet } from './restore-app.ts';
import { assertRestored } from './restore-checks.ts';
import { importedObjects, resourcesOfClaims } from './velero-app.ts';

const inNamespace = ['create', 'create-cluster', 'restore', 'restore-cluster', 'import', 'import-cluster'];

test("the roles of docs/rbac.md are enough for Velero's backups: made, described, restored, gone on with, undone", async (t) => {
  const { home } = await openVelero(t);
  const namespace = await openNamespace(t);
  const user = namespace.name;
  await runStatefulSet(namespace, 'db', { replicas: 1 });
  await giveDocumentedRoles(t, namespace, inNamespace);
  for (const role of ['velero', 'velero-create']) {
    const binding = ['create', 'rolebinding', `${user}-${role}`, `--clusterrole=${user}-${role}`, `--user=${user}`];
    const { code, stderr } = await home.kubectl(...binding);
    assert.equal(code, 0, stderr);
  }
  const as = ['--as', user];
  const there = ['--velero-namespace', home.name, ...as];
  const run = async (...words: string[]): Promise<void> => {
    const { code, stderr } = await pvsnap(namespace, ...words);
    assert.equal(code, 0, stderr);
  };
  const kinds = ['--include-resources', resourcesOfClaims.join(',')];
  await run('create', '--velero', 'sts/db', '--name', user, ...kinds, ...there);
  await run('create', '--velero', '--schedule', '@yearly', '--name', user, ...kinds, ...there);
  await run('pause', `schedule/${user}`, ...there);
  await run('run', `schedule/${user}`, ...there);
  await run('describe', `set/velero/${user}`, ...there);
  await fill(namespace, ['data-db-0'], 'after');
  const operation = await interruptedAt(namespace, entering('restore', 'stage'), 'restore', `velero/${user}`, ...there);
  await run('resume', operation, '--yes', ...there);
  await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });
  await run('undo', operation, '--yes', ...as);
  await run('commit', '--yes', ...as);
  await assertRestored(namespace, { claims: { 'data-db-0': 'after' } });
  await run('restore', `velero/${user}`, '--as-new', '--yes', ...there);
  assert.deepEqual(await importedObjects(namespace), []);
});
