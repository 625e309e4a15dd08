/** What docs/rbac.md tells an administrator to give is enough, for every verb. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openNamespace } from '../cluster/namespace.ts';
import { giveDocumentedRoles } from './documented-roles.ts';
import { pvsnap } from './program.ts';
import { fill, runStatefulSet } from './restore-app.ts';
import { assertFailed, assertRestored } from './restore-checks.ts';

test('the roles of docs/rbac.md are enough for create, restore, resume, undo and commit', async (t) => {
  const namespace = await openNamespace(t);
  await runStatefulSet(namespace, 'db', { replicas: 1, storageClass: 'zonal' });
  const whenScaled = '{"spec":{"persistentVolumeClaimRetentionPolicy":{"whenScaled":"Delete"}}}';
  await namespace.kubectl('patch', 'sts/db', '--type=merge', '-p', whenScaled);
  await giveDocumentedRoles(t, namespace, ['create', 'create-cluster', 'restore', 'restore-cluster']);
  const run = async (...words: string[]): Promise<void> => {
    const { code, stderr } = await pvsnap(namespace, ...words, '--as', namespace.name);
    assert.equal(code, 0, stderr);
  };
  await run('create', 'sts/db', '--name=one');
  await fill(namespace, ['data-db-0'], 'after');
  const hold = (finalizers: string): ReturnType<typeof namespace.kubectl> =>
    namespace.kubectl('patch', 'pod/db-0', '--type=merge', '-p', `{"metadata":{"finalizers":${finalizers}}}`);
  await hold('["example.com/hold"]');
  const interrupted = ['restore', 'one', '--yes', '--timeout=10s', '--as', namespace.name];
  assertFailed(await pvsnap(namespace, ...interrupted), 'in step stop');
  await hold('null');
  await run('resume', '--yes');
  await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });
  await run('undo', '--yes');
  await run('commit', '--yes');
  await assertRestored(namespace, { claims: { 'data-db-0': 'after' } });
});
