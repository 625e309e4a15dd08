import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RemainingPod } from '../../src/workloads/gone.ts';
import { podsUsing, untilNoPodUses } from '../../src/workloads/gone.ts';
import { pod } from './objects.ts';
import { handWatch, isOver } from './watch.ts';

const never = new AbortController().signal;
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

describe('untilNoPodUses', () => {
  test('waits for ending pods too, and tells who remains when that changes', async () => {
    const [first, second] = [pod('kafka-2', { claims: ['a'] }), pod('kafka-10', { claims: ['b'] })];
    const watch = handWatch(second, first);
    const told: RemainingPod[][] = [];
    const wait = untilNoPodUses(watch, new Set(['a', 'b']), never, (remaining) => told.push(remaining));
    watch.show(first, second);
    watch.show(pod('kafka-2', { claims: ['a'], metadata: { ...going, name: 'kafka-2' } }));
    assert.ok(!(await isOver(wait)));
    watch.show(pod('other', { claims: ['c'] }));
    await wait;
    const running = { phase: 'Running' };
    assert.deepEqual(told, [
      [
        { pod: 'kafka-2', ...running },
        { pod: 'kafka-10', ...running },
      ],
      [{ pod: 'kafka-2', ...running, since: '2026-11-01T00:00:00.000Z', graceSeconds: 30 }],
      [],
    ]);
  });

  test('ends with the signal’s reason', async () => {
    const wait = untilNoPodUses(
      handWatch(pod('one', { claims: ['a'] })),
      new Set(['a']),
      AbortSignal.abort(new Error('late')),
    );
    await assert.rejects(wait, /late/);
  });
});
