/** What is said of operations, from records, volumes and Leases. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ConfigMap, Lease, Volume } from '../../src/cluster/objects.ts';
import { groupOperations, parkedOf, phaseOf, targetOf } from '../../src/restore/operations.ts';
import type { Seen } from '../../src/restore/operations.ts';
import { namespace } from '../sets/objects.ts';
import { volumeFor } from './objects.ts';

const nowMs = Date.parse('2026-11-02T00:00:00Z');

function member(claim: string): object {
  const manifest = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: claim, namespace }, spec: {} };
  return { claim, manifest, snapshot: 's', sizeBytes: 1, staging: `${claim}-staged-a`, nodes: [] };
}

function record(operation: string, data: Record<string, string> = {}, plan: object = {}): ConfigMap {
  const whole = {
    operation,
    namespace,
    kind: 'restore',
    source: { name: 'nightly' },
    members: ['data-0', 'data-10', 'data-2', 'data-3'].map(member),
    workloads: [],
    steps: ['stage', 'retain', 'stop', 'swap', 'start', 'settle'],
    notes: [],
    ...plan,
  };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: `pvsnap-${operation}`,
      namespace,
      creationTimestamp: '2026-11-01T00:00:00Z',
    },
    data: { plan: JSON.stringify(whole), phase: 'swap', step: 'swap', ...data },
  };
}

function kept(claim: string, operation: string, role: string, within = namespace): Volume {
  const manifest = { kind: 'PersistentVolumeClaim', metadata: { name: claim }, spec: {} };
  const volume = volumeFor(claim, { claimRef: { namespace: within, name: claim } });
  const annotations = { 'pvsnap.io/claim': JSON.stringify(manifest) };
  const labels = { 'pvsnap.io/operation': operation, 'pvsnap.io/role': role };
  return { ...volume, metadata: { ...volume.metadata, labels, annotations } };
}

function lease(holderIdentity: string, renewedMsAgo: number): Lease {
  const renewTime = new Date(nowMs - renewedMsAgo).toISOString();
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'pvsnap', namespace },
    spec: { holderIdentity, renewTime, leaseDurationSeconds: 30 },
  };
}

function phases(seen: Partial<Seen>): string[] {
  const all = groupOperations({ records: [], volumes: [], leases: [], ...seen }, {});
  return all.map((one) => `${one.name} ${phaseOf(one, nowMs)}`);
}

describe('the phase', () => {
  test('is the step while the Lease that names it lives, and no longer', () => {
    const records = [record('restore-a')];
    assert.deepEqual(phases({ records, leases: [lease('jane@laptop restore-a ab12', 29_000)] }), ['restore-a swap']);
    assert.deepEqual(phases({ records, leases: [lease('jane@laptop restore-a ab12', 30_000)] }), [
      'restore-a interrupted',
    ]);
    assert.deepEqual(phases({ records, leases: [lease('jane@laptop restore-ab ab12', 0)] }), ['restore-a interrupted']);
    assert.deepEqual(phases({ records, leases: undefined }), ['restore-a swap']);
  });

  test('of one that failed is its step again once it goes on', () => {
    const records = [record('restore-a', { phase: 'failed' })];
    assert.deepEqual(phases({ records }), ['restore-a failed']);
    assert.deepEqual(phases({ records, leases: [lease('j@l restore-a x', 0)] }), ['restore-a swap']);
  });

  test('tells who undoes it; one that has completed stays so', () => {
    const undone = record('restore-a', { phase: 'failed', undoneBy: 'undo-b' });
    const completed = record('restore-c', { phase: 'completed' });
    const leases = [lease('j@l restore-c x', 0)];
    assert.deepEqual(phases({ records: [undone, completed], leases }), [
      'restore-a undone-by-undo-b',
      'restore-c completed',
    ]);
  });

  test('of --as-new, which holds no Lease, is its step', () => {
    const records = [record('restore-a', { phase: 'stage', step: 'stage' }, { steps: ['stage'] })];
    assert.deepEqual(phases({ records }), ['restore-a stage']);
  });
});

describe('operations', () => {
  test('are also found by what they keep, in their own namespace', () => {
    const volumes = [kept('data-0', 'restore-a', 'parked'), kept('data-1', 'restore-b', 'parked', 'elsewhere')];
    assert.deepEqual(phases({ volumes }).sort(), ['restore-a unrecorded', 'restore-b unrecorded']);
    const here = groupOperations({ records: [record('restore-b')], volumes, leases: [] }, { namespace });
    assert.deepEqual(
      here.map((one) => [one.name, parkedOf(one)?.length]),
      [
        ['restore-b', 0],
        ['restore-a', 1],
      ],
    );
  });

  test('count only what is parked; nobody knows what volumes there are who may not list them', () => {
    const volumes = [kept('data-0', 'restore-a', 'parked'), kept('data-2', 'restore-a', 'staged')];
    const parked = (seen: Partial<Seen>): number | undefined => {
      const [one] = groupOperations({ records: [record('restore-a')], volumes, leases: [], ...seen }, { namespace });
      return one && parkedOf(one)?.length;
    };
    assert.equal(parked({}), 1);
    assert.equal(parked({ volumes: undefined }), undefined);
  });

  test('whose records hold something else are none', () => {
    const broken = [{ members: [null] }, { members: [{ claim: 1 }] }, { workloads: ['db'] }, { source: null }];
    assert.deepEqual(phases({ records: broken.map((plan) => record('restore-a', {}, plan)) }), []);
    assert.deepEqual(phases({ records: [record('undo-a', {}, { kind: 'undo' })] }), []);
  });

  test('are of their workloads, else of their claims', () => {
    const target = (plan: object): string | undefined =>
      groupOperations({ records: [record('restore-a', {}, plan)], volumes: [], leases: [] }, {}).map(targetOf)[0];
    const workloads = ['a', 'b'].map((name) => ({ kind: 'statefulset', name, uid: name, replicas: 1 }));
    assert.equal(target({ workloads }), 'statefulset/a,statefulset/b');
    assert.equal(target({}), 'pvc/data-0 +3');
    assert.equal(target({ members: ['data-10', 'data-2'].map(member) }), 'pvc/data-2,pvc/data-10');
  });
});
