import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { labelsForSnapshot } from '../../src/sets/labels.ts';

const tracking = [
  'app.kubernetes.io/instance',
  'argocd.argoproj.io/instance',
  'kustomize.toolkit.fluxcd.io/name',
  'kustomize.toolkit.fluxcd.io/namespace',
  'helm.toolkit.fluxcd.io/name',
  'app.kubernetes.io/managed-by',
  'helm.sh/chart',
  'olm.owner',
  'velero.io/backup-name',
  'pvsnap.io/set',
  'pvsnap.io/operation',
];
const plain = [
  'app',
  'app.kubernetes.io/name',
  'app.kubernetes.io/component',
  'team.example.com/olm.owner',
  'instance',
];

test('exactly the labels that track are left out', () => {
  fc.assert(
    fc.property(fc.subarray(tracking), fc.dictionary(fc.constantFrom(...plain), fc.string()), (bad, good) => {
      const labels = { ...Object.fromEntries(bad.map((key) => [key, 'x'])), ...good };
      assert.deepEqual(labelsForSnapshot(labels), { ...good });
    }),
  );
  assert.deepEqual(labelsForSnapshot(undefined), {});
});
