import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { podsUsing, remainingPods } from '../../src/workloads/gone.ts';
import { pod } from './objects.ts';

const going = { name: 'x', deletionTimestamp: '2026-11-01T00:00:30Z', deletionGracePeriodSeconds: 30 };

describe('podsUsing', () => {
  const uses = (parts: Parameters<typeof pod>[1]): boolean =>
    podsUsing([pod('one', parts)], new Set(['a', 'one-s'])).length > 0;
  const shutDown = { ...going, name: 'one', deletionGracePeriodSeconds: 0 };

  test('counts every pod with a node, ended or not', () => {
    for (const phase of ['Pending', 'Running', 'Succeeded', 'Failed']) assert.ok(uses({ claims: ['a'], phase }));
  });
  test('counts a pod without a node as long as it may get one', () => {
    assert.ok(uses({ claims: ['a'], phase: 'Pending', node: '' }));
    assert.ok(!uses({ claims: ['a'], phase: 'Failed', node: '' }));
  });
  test('counts an ephemeral volume until the kubelet is done with its pod', () => {
    assert.ok(uses({ ephemeral: ['s'] }));
    assert.ok(!uses({ ephemeral: ['s'], metadata: shutDown }));
    assert.ok(uses({ claims: ['a'], metadata: shutDown }));
  });
  test('leaves out pods that use other claims', () => {
    assert.ok(!uses({ claims: ['b'], ephemeral: ['t'] }));
  });
});

test('remainingPods says who uses a claim, in the order of the names, and how it ends', () => {
  const [second, first] = [
    pod('kafka-10', { claims: ['b'] }),
    pod('kafka-2', { claims: ['a'], metadata: { ...going, name: 'kafka-2' } }),
  ];
  assert.deepEqual(remainingPods([second, pod('other', { claims: ['c'] }), first], new Set(['a', 'b'])), [
    { pod: 'kafka-2', phase: 'Running', since: '2026-11-01T00:00:00.000Z', graceSeconds: 30 },
    { pod: 'kafka-10', phase: 'Running' },
  ]);
});
