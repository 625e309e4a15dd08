import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '../../src/cluster/objects.ts';
import { stopAll } from '../../src/workloads/stopped.ts';
import { deployment, owner, pod, statefulSet } from './objects.ts';
import type { HandWatch } from './watch.ts';
import { handWatch, isOver } from './watch.ts';

const never = new AbortController().signal;
const stopped = (): Promise<void> => Promise.resolve();
const kafka: { kind: string; name: string; uid: string } = {
  kind: 'statefulset',
  name: 'kafka',
  uid: 'uid-sts-kafka',
};
const web = { kind: 'deployment', name: 'web', uid: 'uid-deploy-web' } as const;

/** Nothing but the controllers is waited for. */
function noRest(): { pods: HandWatch<Pod>; isThere: () => boolean } {
  return { pods: handWatch(), isThere: () => true };
}

/** No pod is to be left. */
function noPods(pods: HandWatch<Pod>): { pods: HandWatch<Pod>; isThere: () => boolean } {
  return { pods, isThere: () => pods.objects.size === 0 };
}

describe('stopAll', () => {
  test('is not fooled by the state before the stop, nor by a stop that its controller has not seen', async () => {
    const statefulSets = handWatch(statefulSet('kafka', 3));
    const watches = { statefulset: statefulSets, deployment: handWatch(deployment('web', 0, 'a')) };
    const wait = stopAll(watches, [kafka, web], never, stopped, noRest());
    assert.ok(!(await isOver(wait)));
    statefulSets.show(statefulSet('kafka', 0, {}, { generation: 2 }));
    assert.ok(!(await isOver(wait)));
    statefulSets.show(statefulSet('kafka', 0, {}, { generation: 1 }));
    await wait;
  });

  test('needs a watch only of the kinds that there are', async () => {
    await stopAll({}, [], never, stopped, noRest());
    await stopAll({ deployment: handWatch(deployment('web', 0, 'a')) }, [web], never, stopped, noRest());
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
    await assert.rejects(
      stopAll({ statefulset: statefulSets }, [kafka], never, stop, noRest()),
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
    const watches = { statefulset: statefulSets, deployment: handWatch(deployment('web', 1, 'a')) };
    const wait = stopAll(watches, [kafka, web], never, stop, noRest());
    assert.ok(!(await isOver(wait)));
    statefulSets.show(statefulSet('kafka', 3));
    assert.ok(!(await isOver(wait)));
    assert.equal(stops, 3);
  });

  test('stops again what comes back while its pods end, instead of waiting for pods that run', async () => {
    const statefulSets = handWatch(statefulSet('kafka', 3));
    const pods = handWatch(pod('kafka-0'));
    let stops = 0;
    const stop = (): Promise<void> => {
      stops++;
      statefulSets.show(statefulSet('kafka', 0));
      return Promise.resolve();
    };
    const wait = stopAll({ statefulset: statefulSets }, [kafka], never, stop, noPods(pods));
    assert.ok(!(await isOver(wait)));
    assert.equal(stops, 1);
    statefulSets.show(statefulSet('kafka', 3));
    assert.ok(!(await isOver(wait)));
    assert.equal(stops, 2);
    pods.show();
    await wait;
  });

  test('pods of an operator that are made again each time they are deleted are an error', async () => {
    let made = 0;
    const another = (): Pod =>
      pod('my-kafka-0', {
        owner: owner('core.strimzi.io/v1beta2', 'StrimziPodSet', 'my-kafka'),
        metadata: { uid: `uid-${++made}` },
      });
    const pods = handWatch(another());
    const stop = (): Promise<void> => {
      // The watch shows the deletion and what comes after it later than the call returns.
      setImmediate(() => {
        pods.show(another());
      });
      return Promise.resolve();
    };
    const set = { kind: 'strimzipodset', name: 'my-kafka', uid: 'uid-StrimziPodSet-my-kafka', how: 'delete' } as const;
    const wait = stopAll({}, [set], never, stop, noPods(pods));
    await assert.rejects(wait, /my-kafka is started again each time it is stopped/);
    assert.equal(made, 6);
  });

  for (const [what, workload, watches, pods] of [
    [
      'a pod of nobody',
      { kind: 'pod', name: 'one', uid: 'uid-pod-one', how: 'remake' },
      {},
      handWatch(pod('one', { metadata: { uid: 'uid-2' } })),
    ],
    [
      'a StatefulSet',
      kafka,
      { statefulset: handWatch(statefulSet('kafka', 3, {}, { uid: 'uid-2' })) },
      handWatch<Pod>(),
    ],
  ] as const) {
    test(`${what} that was made again is another one, which the stop does not reach`, async () => {
      const wait = stopAll(watches, [workload], never, stopped, noPods(pods));
      await assert.rejects(wait, /was deleted and made again by somebody since the plan was made/);
    });
  }

  test('what its owner scales in many steps is left to it, and is an error once it comes back', async () => {
    const statefulSets = handWatch(statefulSet('kafka', 3));
    const show = (replicas: number, generation: number): void => {
      statefulSets.show(statefulSet('kafka', replicas, {}, { generation }));
    };
    let stops = 0;
    const stop = (): Promise<void> => {
      stops++;
      return Promise.resolve();
    };
    const workload = { ...kafka, how: 'wait' } as const;
    const rest = noPods(handWatch(pod('kafka-0')));
    const wait = stopAll({ statefulset: statefulSets }, [workload], never, stop, rest);
    for (const [replicas, generation] of [
      [2, 5],
      [1, 9],
      [0, 12],
    ] as const) {
      show(replicas, generation);
      assert.ok(!(await isOver(wait)));
    }
    assert.equal(stops, 1);
    show(3, 13);
    await assert.rejects(wait, /statefulset\/kafka was shut down by its owner, and scaled up again/);
  });

  test('what its owner replaces while it shuts it down is waited for like the one before', async () => {
    const statefulSets = handWatch(statefulSet('kafka', 3, {}, { uid: 'uid-2' }));
    const wait = stopAll({ statefulset: statefulSets }, [{ ...kafka, how: 'wait' }], never, stopped, noRest());
    assert.ok(!(await isOver(wait)));
    statefulSets.show(statefulSet('kafka', 0, {}, { uid: 'uid-2' }));
    await wait;
  });

  test('what was stopped earlier is stopped again when it comes back, and only then', async () => {
    const deployments = handWatch(deployment('web', 0, 'a'));
    const watches = { statefulset: handWatch(statefulSet('kafka', 0)), deployment: deployments };
    const stops: string[] = [];
    const stop = ({ name }: { name: string }): Promise<void> => {
      stops.push(name);
      if (name === 'web') deployments.show(deployment('web', 0, 'a'));
      return Promise.resolve();
    };
    const pods = handWatch(pod('kafka-0'));
    const wait = stopAll(watches, [kafka], never, stop, { ...noPods(pods), earlier: [web] });
    assert.ok(!(await isOver(wait)));
    deployments.show(deployment('web', 1, 'a'));
    assert.ok(!(await isOver(wait)));
    pods.show();
    await wait;
    assert.deepEqual(stops, ['kafka', 'web']);
  });

  test('says whose controller it waits for', async () => {
    const unseen: string[] = [];
    const statefulSets = handWatch(statefulSet('kafka', 0, {}, { generation: 2 }));
    const onUnseen = ({ name }: { name: string }): void => {
      unseen.push(name);
    };
    const wait = stopAll({ statefulset: statefulSets }, [kafka], never, stopped, { ...noRest(), onUnseen });
    assert.ok(!(await isOver(wait)));
    assert.deepEqual([...new Set(unseen)], ['kafka']);
    statefulSets.show(statefulSet('kafka', 0));
    await wait;
  });

  test('ends with the signal’s reason', async () => {
    const wait = stopAll({}, [], AbortSignal.abort(new Error('late')), stopped, noPods(handWatch(pod('one'))));
    await assert.rejects(wait, /late/);
  });
});
