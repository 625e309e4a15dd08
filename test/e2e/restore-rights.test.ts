/** What a user may not do is named before anything is touched, and what `restore` asks for is enough. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { openClusterWide } from './cluster-wide.ts';
import { pvsnap } from './program.ts';
import { runStatefulSet, takeSet } from './restore-app.ts';
import { assertFailed, assertRestored, everythingIn, recordsOf } from './restore-checks.ts';

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

describe('rights that a restore needs', { concurrency: 3 }, () => {
  test('of a running StatefulSet on a class that waits for a pod', async (t) => {
    const namespace = await openNamespace(t);
    await runStatefulSet(namespace, 'db', { replicas: 1, storageClass: 'zonal' });
    await takeSet(namespace, 'one', ['sts/db'], ['data-db-0']);
    const asked = await withRightsAskedFor(t, namespace, 'restore', 'one', '--strategy=swap');
    for (const right of ['patch persistentvolumes', 'patch statefulsets.apps/scale']) assert.ok(asked.includes(right));
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });
  });

  test('of a StatefulSet that is scaled to 0, on such a class', async (t) => {
    const namespace = await openNamespace(t);
    await runStatefulSet(namespace, 'db', { replicas: 1, storageClass: 'zonal' });
    await takeSet(namespace, 'one', ['sts/db'], ['data-db-0']);
    await namespace.kubectl('scale', 'sts/db', '--replicas=0');
    await namespace.waitForGone('Pod', 'db-0');
    const asked = await withRightsAskedFor(t, namespace, 'restore', 'one', '--strategy=swap');
    assert.ok(asked.includes('list nodes'));
    assert.deepEqual(
      asked.filter((right) => right.includes('/scale')),
      [],
    );
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });
  });

  test('of an undo, and of a commit', async (t) => {
    const namespace = await openNamespace(t);
    await runStatefulSet(namespace, 'db', { replicas: 1 });
    await takeSet(namespace, 'one', ['sts/db'], ['data-db-0']);
    const { code, stderr } = await pvsnap(namespace, 'restore', 'one', '--yes');
    assert.equal(code, 0, stderr);
    const undo = ['undo', ...(await recordsOf(namespace)).map(operationOf)];
    assert.ok((await withRightsAskedFor(t, namespace, ...undo)).includes('patch persistentvolumes'));
    await assertRestored(namespace, { claims: { 'data-db-0': 'after' }, parked: [['data-db-0', 'before']] });
    const commit = ['commit', ...(await recordsOf(namespace)).map(operationOf)];
    const asked = await withRightsAskedFor(t, namespace, ...commit);
    for (const right of ['watch nodes', 'list volumeattachments.storage.k8s.io']) assert.ok(asked.includes(right));
    await assertRestored(namespace, { claims: { 'data-db-0': 'after' } });
  });
});

function operationOf({ metadata }: { metadata?: { labels?: Record<string, string> } }): string {
  return metadata?.labels?.['pvsnap.io/operation'] ?? '';
}

/**
 * Runs a verb as a user without any right, who is then given exactly what the program said was missing, until it works.
 * @returns those rights, as it named them
 */
async function withRightsAskedFor(t: TestContext, namespace: TestNamespace, ...words: string[]): Promise<string[]> {
  const before = await everythingIn(namespace);
  const asked = new Set<string>();
  for (let round = 1; round <= 4; round++) {
    await grant(t, namespace, [...asked].map(ruleOf));
    const run = await pvsnap(namespace, ...words, '--yes', '--as', namespace.name);
    if (run.code === 0) return [...asked];
    assertFailed(run, 'nothing was changed', 'ask for the role');
    for (const [, right = ''] of run.stderr.matchAll(/may not (\w+ [^\s]+)/g)) asked.add(right);
    assert.deepEqual(await everythingIn(namespace), before);
  }
  throw new Error(`it still refuses with: ${[...asked].join(', ')}`);
}

/** `patch statefulsets.apps/scale` */
function ruleOf(right: string): Rule {
  const [verb = '', what = ''] = right.split(' ');
  const [resource = '', subresource] = what.split('/');
  const [plural = '', ...group] = resource.split('.');
  return {
    apiGroups: [group.join('.')],
    resources: [subresource === undefined ? plural : `${plural}/${subresource}`],
    verbs: [verb],
  };
}

/** Namespaces that have the role and its binding. */
const granted = new Set<string>();

/** Gives the user who is called as the namespace exactly these rights. */
async function grant(t: TestContext, namespace: TestNamespace, rules: Rule[]): Promise<void> {
  const group = 'rbac.authorization.k8s.io';
  const { name } = namespace;
  const role = { apiVersion: `${group}/v1`, kind: 'ClusterRole', metadata: { name }, rules };
  if (granted.has(name)) {
    await namespace.api.apply(role);
    return;
  }
  granted.add(name);
  const roleRef = { apiGroup: group, kind: 'ClusterRole', name };
  const subjects = [{ apiGroup: group, kind: 'User', name }];
  const binding = { apiVersion: `${group}/v1`, kind: 'ClusterRoleBinding', metadata: { name }, roleRef, subjects };
  await openClusterWide(t, namespace, [role, binding]);
}
