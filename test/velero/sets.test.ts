import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SnapshotSet } from '../../src/sets/set.ts';
import type { Backup } from '../../src/velero/resources.ts';
import { joined, watchAllSets } from '../../src/velero/sets.ts';
import { reply, serve } from '../api/server.ts';

const backup = (status: Backup['status'], includedNamespaces = ['kafka']): Backup => ({
  apiVersion: 'velero.io/v1',
  kind: 'Backup',
  metadata: { name: 'nightly', namespace: 'velero', creationTimestamp: '2026-11-25T02:00:00Z' },
  spec: { includedNamespaces },
  status: status ?? {},
});
const stored = { phase: 'Completed', csiVolumeSnapshotsAttempted: 2, csiVolumeSnapshotsCompleted: 2 };

/** Of snapshots that are in the cluster. */
const present = (namespace: string): SnapshotSet => ({
  name: 'velero/nightly',
  namespace,
  takenBy: 'velero',
  target: 'pvc/a',
  expected: 1,
  members: [],
  createdAtMs: 0,
});

const shown = (sets: SnapshotSet[]): string[] =>
  sets.map(({ namespace, backup: facts }) => `${namespace} ${facts === undefined ? 'in the cluster' : 'stored'}`);

describe('sets and backups', () => {
  for (const phase of ['InProgress', 'Finalizing', 'Failed']) {
    test(`one that is ${phase} is the set of its snapshots`, () => {
      const sets = joined([present('kafka')], [backup({ ...stored, phase })], { namespace: 'kafka' });
      assert.deepEqual(shown(sets), ['kafka in the cluster']);
    });
  }

  test('one of an old Velero, which counts no snapshots and leaves them, is the set of those', () => {
    const sets = joined([present('kafka')], [backup({ phase: 'Completed' })], { namespace: 'kafka' });
    assert.deepEqual(shown(sets), ['kafka in the cluster']);
  });

  test('one that is on storage is not hidden by a snapshot that somebody has given its label', () => {
    for (const namespace of ['kafka', undefined]) {
      const sets = joined([present('kafka')], [backup(stored)], { namespace });
      assert.deepEqual(shown(sets), ['kafka stored']);
    }
  });

  test('one is not hidden by snapshots of a namespace that it is not of', () => {
    const sets = joined([present('tenant')], [backup({ ...stored, phase: 'Finalizing' })], {});
    assert.deepEqual(shown(sets), ['tenant in the cluster', 'kafka stored']);
  });
});

test('a watch tells what has become of backups since they were read', async (t) => {
  const server = await serve(t, ({ path, query }, response) => {
    const items = path.endsWith('/backups') ? [backup(stored)] : [];
    if (query.has('watch')) response.writeHead(200).flushHeaders();
    else reply(response, 200, { apiVersion: 'v1', metadata: { resourceVersion: '1' }, items });
  });
  const gone = { ...backup(stored), metadata: { name: 'gone', namespace: 'velero' } };
  const known = joined([], [backup({ ...stored, phase: 'InProgress' }), gone], { namespace: 'kafka' });
  const ended = new AbortController();
  const seen: string[] = [];
  for await (const { type, object } of watchAllSets(server.open(), { namespace: 'kafka' }, known, ended.signal)) {
    seen.push(`${type} ${object.name} ${object.backup?.phase ?? ''}`);
    if (seen.length === 2) break;
  }
  ended.abort();
  assert.deepEqual(seen, ['MODIFIED velero/nightly Completed', 'DELETED velero/gone Completed']);
});
