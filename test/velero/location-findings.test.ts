import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsAmong } from '../../src/velero/location-findings.ts';
import type { StorageLocation } from '../../src/velero/resources.ts';

const store = (name: string, parts: Pick<StorageLocation, 'spec' | 'status'> = {}): StorageLocation => ({
  apiVersion: 'velero.io/v1',
  kind: 'BackupStorageLocation',
  metadata: { name, namespace: 'velero' },
  ...parts,
});

test('a backup is not made for a store that takes none', () => {
  const present = [
    store('main', { spec: { default: true }, status: { phase: 'Unavailable', message: 'no bucket' } }),
    store('old', { spec: { accessMode: 'ReadOnly' }, status: { phase: 'Available' } }),
    store('new', { status: { phase: 'Available' } }),
    store('fresh'),
  ];
  const about = (named: string | undefined, isLater = false): string[] =>
    findingsAmong(present, named, isLater).map((finding) => `${finding.about}: ${finding.problem}`);
  assert.deepEqual(about(undefined), ['store main: is Unavailable: no bucket']);
  assert.deepEqual(about(undefined, true), [], 'a schedule may find it up');
  assert.deepEqual(about('old', true), ['store old: is read-only: nothing is backed up there']);
  assert.deepEqual(about('new'), []);
  assert.deepEqual(about('fresh'), [], 'nobody has looked at it yet');
  assert.deepEqual(about('none'), ['none: there is no such BackupStorageLocation']);
  assert.deepEqual(findingsAmong([store('new')], undefined, false), [], "the server's own default is not known");
});
