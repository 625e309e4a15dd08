import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stopAll } from '../../src/workloads/stopped.ts';
import { deployment, statefulSet } from './objects.ts';
import { handWatch, isOver } from './watch.ts';

const never = new AbortController().signal;
const stopped = (): Promise<void> => Promise.resolve();

describe('stopAll', () => {
  test('is not fooled by the state before the stop, nor by a stop that its controller has not seen', async () => {
    const statefulSets = handWatch(statefulSet('kafka', 3));
    const watches = { statefulset: statefulSets, deployment: handWatch(deployment('web', 0, 'a')) };
    const workloads = [
      { kind: 'statefulset', name: 'kafka' },
      { kind: 'deployment', name: 'web' },
    ] as const;
    const wait = stopAll(watches, workloads, never, stopped);
    assert.ok(!(await isOver(wait)));
    statefulSets.show(statefulSet('kafka', 0, {}, { generation: 2 }));
    assert.ok(!(await isOver(wait)));
    statefulSets.show(statefulSet('kafka', 0, {}, { generation: 1 }));
    await wait;
  });

  test('needs a watch only of the kinds that there are', async () => {
    await stopAll({}, [], never, stopped);
    const watches = { deployment: handWatch(deployment('web', 0, 'a')) };
    await stopAll(watches, [{ kind: 'deployment', name: 'web' }], never, stopped);
  });

  test('stops again what comes back, and names who starts it once it has come back too often', async () => {
    let generation = 1;
    const written = (replicas: number): ReturnType<typeof statefulSet> =>
      statefulSet(
        'kafka',
        replicas,
        {},
        { generation: ++generation, managedFields: [{ manager: 'es-operator', time: '2026-11-01T00:00:00Z' }] },
      );
    const statefulSets = handWatch(written(3));
    let stops = 0;
    const stop = (): Promise<void> => {
      stops++;
      // Too fast for anybody to have seen it at rest.
      statefulSets.show(written(0));
      statefulSets.show(written(3));
      return Promise.resolve();
    };
    const wait = stopAll({ statefulset: statefulSets }, [{ kind: 'statefulset', name: 'kafka' }], never, stop);
    await assert.rejects(
      wait,
      /statefulset\/kafka is started again each time it is stopped, by "es-operator": .*--stop/,
    );
    assert.equal(stops, 5);
  });

  test('is done when what came back once stays', async () => {
    const statefulSets = handWatch(statefulSet('kafka', 3));
    let stops = 0;
    const stop = (): Promise<void> => {
      stops++;
      statefulSets.show(statefulSet('kafka', 0));
      return Promise.resolve();
    };
    const wait = stopAll(
      { statefulset: statefulSets, deployment: handWatch(deployment('web', 1, 'a')) },
      [
        { kind: 'statefulset', name: 'kafka' },
        { kind: 'deployment', name: 'web' },
      ],
      never,
      stop,
    );
    assert.ok(!(await isOver(wait)));
    statefulSets.show(statefulSet('kafka', 3));
    assert.ok(!(await isOver(wait)));
    assert.equal(stops, 3);
  });
});
