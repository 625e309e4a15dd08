/** What a user may not do is named before anything is touched, and what `restore` asks for is enough. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { isGone } from '../cluster/states.ts';
import { openClusterWide } from './cluster-wide.ts';
import { pvsnap } from './program.ts';
import { runStatefulSet, takeSet } from './restore-app.ts';
import { assertFailed, assertRestored, everythingIn } from './restore-checks.ts';

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

describe('rights that a restore needs', { concurrency: 2 }, () => {
  test('of a running StatefulSet on a class that waits for a pod', async (t) => {
    const namespace = await openNamespace(t);
    await runStatefulSet(namespace, 'db', { replicas: 1, storageClass: 'zonal' });
    await takeSet(namespace, 'one', ['sts/db'], ['data-db-0']);
    const asked = await restoreWithRightsAskedFor(t, namespace);
    for (const right of ['patch persistentvolumes', 'patch statefulsets.apps/scale']) assert.ok(asked.includes(right));
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });
  });

  test('of a StatefulSet that is scaled to 0, on such a class', async (t) => {
    const namespace = await openNamespace(t);
    await runStatefulSet(namespace, 'db', { replicas: 1, storageClass: 'zonal' });
    await takeSet(namespace, 'one', ['sts/db'], ['data-db-0']);
    const gone = namespace.waitFor('Pod', 'db-0', isGone);
    await namespace.kubectl('scale', 'sts/db', '--replicas=0');
    await gone;
    const asked = await restoreWithRightsAskedFor(t, namespace);
    assert.ok(asked.includes('list nodes'));
    assert.deepEqual(
      asked.filter((right) => right.includes('/scale')),
      [],
    );
    await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });
  });
});

/**
 * Restores as a user without any right, who is then given exactly what the program said was missing, until it works.
 * @returns those rights, as it named them
 */
async function restoreWithRightsAskedFor(t: TestContext, namespace: TestNamespace): Promise<string[]> {
  const before = await everythingIn(namespace);
  const asked = new Set<string>();
  for (let round = 1; round <= 4; round++) {
    await grant(t, namespace, [...asked].map(ruleOf));
    const restore = await pvsnap(namespace, 'restore', 'one', '--yes', '--as', namespace.name);
    if (restore.code === 0) return [...asked];
    assertFailed(restore, 'nothing was changed', 'ask for the role');
    for (const [, right = ''] of restore.stderr.matchAll(/may not (\w+ [^\s]+)/g)) asked.add(right);
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

/** Gives the user who is called as the namespace exactly these rights. */
async function grant(t: TestContext, namespace: TestNamespace, rules: Rule[]): Promise<void> {
  const group = 'rbac.authorization.k8s.io';
  const { name } = namespace;
  const role = { apiVersion: `${group}/v1`, kind: 'ClusterRole', metadata: { name }, rules };
  if (rules.length > 0) {
    await namespace.api.apply(role);
    return;
  }
  const roleRef = { apiGroup: group, kind: 'ClusterRole', name };
  const subjects = [{ apiGroup: group, kind: 'User', name }];
  const binding = { apiVersion: `${group}/v1`, kind: 'ClusterRoleBinding', metadata: { name }, roleRef, subjects };
  await openClusterWide(t, namespace, [role, binding]);
}
