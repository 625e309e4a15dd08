import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Deployment, Job, Pod, StatefulSet } from '../../src/cluster/objects.ts';
import type { ReadyState } from '../../src/workloads/ready.ts';
import { untilReady } from '../../src/workloads/ready.ts';
import { isRolledOut } from '../../src/workloads/rolled-out.ts';
import { newestTrouble } from '../../src/workloads/trouble.ts';
import { deployment, owner, pod, statefulSet } from './objects.ts';
import { handWatch, isOver } from './watch.ts';

const never = new AbortController().signal;

describe('isRolledOut of a StatefulSet', () => {
  const withStatus = (status: Partial<NonNullable<StatefulSet['status']>>, spec = {}): StatefulSet => {
    const object = statefulSet('kafka', 3, spec);
    return { ...object, status: { replicas: 3, ...object.status, ...status } };
  };
  const onDelete = { updateStrategy: { type: 'OnDelete' } };
  const cases: [string, StatefulSet, boolean][] = [
    ['all ready and updated', withStatus({}), true],
    ['never observed', withStatus({ observedGeneration: 0 }), false],
    ['one not ready', withStatus({ readyReplicas: 2 }), false],
    ['one of an old revision', withStatus({ updatedReplicas: 2 }), false],
    [
      'old revisions below the partition',
      withStatus(
        { updatedReplicas: 1 },
        { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } },
      ),
      true,
    ],
    ['old revisions of OnDelete', withStatus({ updatedReplicas: 0 }, onDelete), true],
    ['OnDelete, one not ready', withStatus({ readyReplicas: 2 }, onDelete), false],
    [
      'two revisions without a partition',
      withStatus({ currentRevision: 'a', updateRevision: 'b' }, { updateStrategy: { type: 'RollingUpdate' } }),
      false,
    ],
    ['its spec not yet observed', statefulSet('kafka', 3, {}, { generation: 2 }), false],
  ];
  for (const [what, object, expected] of cases) {
    test(`${what}: ${String(expected)}`, () => {
      assert.equal(isRolledOut(object), expected);
    });
  }
});

describe('isRolledOut of a Deployment', () => {
  const withStatus = (status: Partial<NonNullable<Deployment['status']>>, spec = {}): Deployment => {
    const object = deployment('web', 3, 'a');
    const { spec: whole = { selector: {}, template: {} } } = object;
    return { ...object, spec: { ...whole, ...spec }, status: { ...object.status, ...status } };
  };
  const timedOut = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' };
  const cases: [string, Deployment, boolean][] = [
    ['all available and updated', withStatus({}), true],
    ['one not updated', withStatus({ updatedReplicas: 2 }), false],
    ['an old one left', withStatus({ replicas: 4 }), false],
    ['one not available', withStatus({ availableReplicas: 2 }), false],
    ['past its progress deadline', withStatus({ conditions: [timedOut] }), false],
    ['paused before its update', withStatus({ updatedReplicas: 0 }, { paused: true }), true],
  ];
  for (const [what, object, expected] of cases) {
    test(`${what}: ${String(expected)}`, () => {
      assert.equal(isRolledOut(object), expected);
    });
  }
});

describe('untilReady', () => {
  const kafka = { kind: 'statefulset', name: 'kafka', uid: 'uid-sts-kafka', replicas: 2 } as const;
  const podsOf = (object: StatefulSet, ...ready: boolean[]): Pod[] =>
    ready.map((isReady, ordinal) => pod(`kafka-${ordinal}`, { owner: object, ready: isReady }));

  test('is not fooled by the workload as it was before the stop, nor while it was stopped', async () => {
    const before = statefulSet('kafka', 2);
    const statefulSets = handWatch(before);
    const watches = { workloads: { statefulset: statefulSets }, pods: handWatch<Pod>() };
    const wait = untilReady(watches, [kafka], never);
    assert.ok(!(await isOver(wait)), 'ready by its old status, but without pods');
    statefulSets.show(statefulSet('kafka', 0));
    assert.ok(!(await isOver(wait)), 'rolled out at 0 replicas');
    statefulSets.show(statefulSet('kafka', 2, {}, { generation: 2 }));
    watches.pods.show(...podsOf(before, true, true));
    assert.ok(!(await isOver(wait)), 'its controller has not seen it yet');
    statefulSets.show(statefulSet('kafka', 2));
    await wait;
  });

  test('tells how many are ready and what the trouble is, once per change', async () => {
    const object = statefulSet('kafka', 2);
    const watches = { workloads: { statefulset: handWatch(object) }, pods: handWatch(...podsOf(object, true)) };
    const told: ReadyState[][] = [];
    const wait = untilReady(watches, [kafka], never, (states) => told.push(states));
    watches.pods.show(...podsOf(object, true));
    watches.pods.show(...podsOf(object, true, false));
    watches.pods.show(...podsOf(object, true, true));
    await wait;
    const workload = 'statefulset/kafka';
    assert.deepEqual(told, [
      [{ workload, ready: 1, wanted: 2 }],
      [{ workload, ready: 1, wanted: 2, trouble: 'kafka-1: not ready' }],
      [{ workload, ready: 2, wanted: 2 }],
    ]);
  });

  test('settles for the number that an autoscaler asked for meanwhile', async () => {
    const object = statefulSet('kafka', 1);
    const watches = { workloads: { statefulset: handWatch(object) }, pods: handWatch(...podsOf(object, true)) };
    await untilReady(watches, [kafka], never);
  });

  test('ends with the signal’s reason', async () => {
    const watches = { workloads: { statefulset: handWatch<StatefulSet>() }, pods: handWatch<Pod>() };
    await assert.rejects(untilReady(watches, [kafka], AbortSignal.abort(new Error('late'))), /late/);
  });
});

describe('newestTrouble', () => {
  const kafka = statefulSet('kafka', 2);
  const troubleOf = (status: Pod['status']): string | undefined =>
    newestTrouble(kafka, [pod('kafka-0', { ...(status && { status }) })]);
  const waiting = (reason: string, message: string): { state: object } => ({ state: { waiting: { reason, message } } });
  const base = { name: 'c', image: '', imageID: '', ready: false, restartCount: 0 };
  const notReady = { type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'unready: [c]' };

  test('is what the scheduler, a container or the Ready condition says', () => {
    const unscheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/2 nodes' };
    assert.equal(troubleOf({ conditions: [notReady, unscheduled] }), 'kafka-0: Unschedulable: 0/2 nodes');
    const backOff = { ...base, ...waiting('ImagePullBackOff', 'back-off') };
    assert.equal(troubleOf({ containerStatuses: [backOff] }), 'kafka-0: ImagePullBackOff: back-off');
    const crashed = { ...base, state: { terminated: { exitCode: 2, reason: 'Error' } } };
    assert.equal(
      troubleOf({ initContainerStatuses: [crashed], containerStatuses: [backOff] }),
      'kafka-0: Error (exit code 2)',
    );
    assert.equal(troubleOf({ conditions: [notReady] }), 'kafka-0: ContainersNotReady: unready: [c]');
  });

  test('is of the pod that changed last', () => {
    const since = (name: string, lastTransitionTime: string): Pod =>
      pod(name, { status: { conditions: [{ ...notReady, lastTransitionTime }] } });
    const pods = [
      since('a', '2026-11-01T00:00:01Z'),
      since('b', '2026-11-01T00:00:03Z'),
      since('c', '2026-11-01T00:00:02Z'),
    ];
    assert.match(newestTrouble(kafka, pods) ?? '', /^b: /);
  });

  test('is why a Deployment could make no pod', () => {
    const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' };
    const stuck: Deployment = { ...deployment('web', 1, 'a'), status: { conditions: [failure] } };
    assert.equal(newestTrouble(stuck, []), 'FailedCreate: exceeded quota');
    assert.equal(newestTrouble(kafka, []), undefined);
  });
});

describe('untilReady of pods that an operator makes', () => {
  test('counts those of what it has made again under the same name, such as a VirtualMachineInstance', async () => {
    const again = {
      ...owner('kubevirt.io/v1', 'VirtualMachineInstance', 'vm'),
      metadata: { name: 'vm', uid: 'another' },
    };
    const pods = handWatch(pod('virt-launcher-vm', { owner: again, ready: true }));
    const vm = { kind: 'virtualmachineinstance', name: 'vm', uid: 'before', replicas: 1, how: 'wait' } as const;
    await untilReady({ workloads: {}, pods }, [vm], never);
    const other = { ...vm, name: 'other' };
    assert.ok(!(await isOver(untilReady({ workloads: {}, pods }, [other], never))));
  });
});

test('untilReady of a Job that has finished and was cleared away at once', async () => {
  const watches = { workloads: { job: handWatch<Job>() }, pods: handWatch<Pod>() };
  await untilReady(watches, [{ kind: 'job', name: 'load', uid: 'u', replicas: 1, how: 'suspend' }], never);
});
