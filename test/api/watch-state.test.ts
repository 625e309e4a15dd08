import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ConfigMap } from '../../src/cluster/objects.ts';
import { WatchState } from '../../src/cluster/watch-state.ts';
import { configMap } from './watched.ts';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('a wait', () => {
  test('ends with what its check returns, now or later, and leaves no listener', async () => {
    const state = new WatchState<ConfigMap>();
    const { signal } = new AbortController();
    const wait = state.until((objects) => objects.get('a'), signal);
    assert.equal(listeners(signal), 1);
    state.apply(false, configMap('b', '1'));
    state.apply(false, configMap('a', '2'));
    assert.equal((await wait).metadata.resourceVersion, '2');
    assert.equal(await state.until((objects) => objects.size, signal), 2);
    assert.equal(listeners(signal), 0);
  });

  test('takes false, 0 and empty text for an answer; only undefined goes on waiting', async () => {
    const state = new WatchState<ConfigMap>();
    const { signal } = new AbortController();
    assert.equal(await state.until(() => 0, signal), 0);
    assert.equal(await state.until(() => false, signal), false);
    assert.equal(await state.until(() => '', signal), '');
  });

  test('ends with the signal’s reason, and its check is not asked again', async () => {
    const state = new WatchState<ConfigMap>();
    const stop = new AbortController();
    let asked = 0;
    const wait = state.until(() => {
      asked++;
      return undefined;
    }, stop.signal);
    const reason = new Error('enough');
    stop.abort(reason);
    state.apply(false, configMap('a', '1'));
    await assert.rejects(wait, (error) => error === reason);
    assert.deepEqual([asked, listeners(stop.signal)], [1, 0]);
    await assert.rejects(
      state.until(() => true, stop.signal),
      (error) => error === reason,
    );
  });

  test('ends with what its check throws, and alone', async () => {
    const state = new WatchState<ConfigMap>();
    const { signal } = new AbortController();
    const failure = new Error('lost');
    const failing = state.until((objects) => {
      if (objects.has('a')) throw failure;
      return undefined;
    }, signal);
    const other = state.until((objects) => objects.get('b'), signal);
    state.apply(false, configMap('a', '1'));
    await assert.rejects(failing, (error) => error === failure);
    state.apply(false, configMap('b', '2'));
    assert.equal((await other).metadata.name, 'b');
    assert.equal(listeners(signal), 0);
  });

  test('that has ended is not asked again', async () => {
    const state = new WatchState<ConfigMap>();
    let asked = 0;
    await state.until(() => ++asked, new AbortController().signal);
    state.apply(false, configMap('a', '1'));
    assert.equal(asked, 1);
  });

  test('ends when the watch fails, also one that begins later', async () => {
    const state = new WatchState<ConfigMap>();
    const { signal } = new AbortController();
    const waits = [state.until(() => undefined, signal), state.until(() => undefined, signal)];
    const failure = new Error('forbidden');
    state.fail(failure);
    waits.push(state.until(() => undefined, signal));
    for (const wait of waits) await assert.rejects(wait, (error) => error === failure);
    assert.equal(listeners(signal), 0);
  });
});

test('tells what differs from what was known, and nothing twice', () => {
  const told: string[] = [];
  const state = new WatchState<ConfigMap>({
    known: [configMap('same', '1'), configMap('older', '2'), configMap('gone', '3')],
    onChange: (before, after) => {
      const versions = [before, after].map((object) => object?.metadata.resourceVersion ?? 'none');
      told.push(`${before?.metadata.name ?? after?.metadata.name ?? ''} ${versions.join(' ')}`);
    },
  });
  state.replaceAll([configMap('same', '1'), configMap('older', '4'), configMap('new', '5')], '6');
  assert.deepEqual(told.splice(0), ['older 2 4', 'new none 5', 'gone 3 none']);
  state.apply(false, configMap('same', '7'));
  state.apply(false, configMap('same', '7'));
  state.apply(true, configMap('new', '8'));
  assert.deepEqual(told, ['same 1 7', 'new 5 none']);
});

test('what is seen is what a list would say, whatever came before', () => {
  const event = fc.record({ isDeletion: fc.boolean(), name: fc.constantFrom('a', 'b', 'c') });
  fc.assert(
    fc.property(fc.array(event), fc.array(event), (before, since) => {
      const state = new WatchState<ConfigMap>();
      let version = 0;
      const play = (events: typeof since): void => {
        for (const { isDeletion, name } of events) state.apply(isDeletion, configMap(name, String(++version)));
      };
      play(before);
      state.replaceAll([configMap('listed', '1')], '1000');
      assert.deepEqual([[...state.objects.keys()], state.version], [['listed'], '1000']);
      play(since);
      const last = new Map(since.map(({ name, isDeletion }) => [name, isDeletion]));
      const left = [...last].filter(([, isDeletion]) => !isDeletion).map(([name]) => name);
      assert.deepEqual([...state.objects.keys()].sort(), [...left, 'listed'].sort());
      if (since.length > 0) assert.equal(state.version, String(version));
    }),
  );
});
