import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceQuota } from '../../../src/cluster/objects.ts';
import { shortOf } from '../../../src/restore/planning/quota.ts';

const gib = 2 ** 30;

function problems(
  hard: Record<string, string>,
  used: Record<string, string>,
  spec: ResourceQuota['spec'] = {},
): string[] {
  const quota: ResourceQuota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'tight' },
    spec,
    status: { hard, used },
  };
  const added = [
    { storageClass: 'fast', sizeBytes: 4 * gib, count: 1 as const },
    { storageClass: 'fast', sizeBytes: 4 * gib, count: 1 as const },
    { storageClass: 'slow', sizeBytes: gib, count: 1 as const },
  ];
  return shortOf(quota, added).map(({ about, problem }) => `${about}: ${problem.replace(/ for all.*there,/, '')}`);
}

test('all claims together must fit: their number and size, and those of each class', () => {
  const perClass = 'fast.storageclass.storage.k8s.io';
  assert.deepEqual(problems({ persistentvolumeclaims: '5' }, { persistentvolumeclaims: '2' }), []);
  assert.deepEqual(problems({ persistentvolumeclaims: '5' }, { persistentvolumeclaims: '3' }), [
    'quota tight: persistentvolumeclaims: 3 more are needed and 2 are free (3 of 5 are used)',
  ]);
  assert.deepEqual(problems({ 'count/persistentvolumeclaims': '2' }, {}), [
    'quota tight: count/persistentvolumeclaims: 3 more are needed and 2 are free (0 of 2 are used)',
  ]);
  assert.deepEqual(problems({ 'requests.storage': '18Gi' }, { 'requests.storage': '9Gi' }), []);
  assert.deepEqual(problems({ 'requests.storage': '17Gi' }, { 'requests.storage': '9Gi' }), [
    'quota tight: requests.storage: 9Gi more are needed and 8Gi are free (9Gi of 17Gi are used)',
  ]);
  const ofClass = { [`${perClass}/requests.storage`]: '10Gi', [`${perClass}/persistentvolumeclaims`]: '4' };
  const used = { [`${perClass}/requests.storage`]: '4Gi', [`${perClass}/persistentvolumeclaims`]: '3' };
  assert.deepEqual(problems(ofClass, used), [
    `quota tight: ${perClass}/requests.storage: 8Gi more are needed and 6Gi are free (4Gi of 10Gi are used)`,
    `quota tight: ${perClass}/persistentvolumeclaims: 2 more are needed and 1 are free (3 of 4 are used)`,
  ]);
});

test('what is not about these claims is left alone: other resources, other classes, quotas with scopes', () => {
  assert.deepEqual(problems({ pods: '1', 'other.storageclass.storage.k8s.io/persistentvolumeclaims': '0' }, {}), []);
  assert.deepEqual(problems({ persistentvolumeclaims: '0' }, {}, { scopes: ['NotTerminating'] }), []);
});
