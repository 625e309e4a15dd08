/** `restore` with what a person says of stopping: --order and --no-stop. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { V1StatefulSet } from '@kubernetes/client-node';
import { openNamespace } from '../cluster/namespace.ts';
import { isGone } from '../cluster/states.ts';
import { assertAllRestored, assertInOrder, moment, succeeds } from './owners-app.ts';
import { pvsnap } from './program.ts';
import { runStatefulSet, takeSet } from './restore-app.ts';
import { assertFailed, everythingIn } from './restore-checks.ts';

describe('restore of two StatefulSets', { concurrency: 2 }, () => {
  test('in an order: each is stopped once the one before is gone, and started in reverse once it is ready', async (t) => {
    const namespace = await openNamespace(t);
    const claims = [
      ...(await runStatefulSet(namespace, 'kafka', { replicas: 1 })),
      ...(await runStatefulSet(namespace, 'zookeeper', { replicas: 1 })),
    ];
    await takeSet(namespace, 'one', ['sts/kafka', 'sts/zookeeper'], claims);
    const replicas = (wanted: number) => {
      let isStopped = wanted === 0;
      return ({ spec }: V1StatefulSet): boolean => {
        isStopped ||= spec?.replicas === 0;
        return isStopped && spec?.replicas === wanted;
      };
    };
    const moments = {
      kafkaStopped: moment<V1StatefulSet>(namespace, 'StatefulSet', 'kafka', replicas(0)),
      kafkaGone: moment(namespace, 'Pod', 'kafka-0', isGone),
      zookeeperStopped: moment<V1StatefulSet>(namespace, 'StatefulSet', 'zookeeper', replicas(0)),
      zookeeperStarted: moment<V1StatefulSet>(namespace, 'StatefulSet', 'zookeeper', replicas(1)),
      kafkaStarted: moment<V1StatefulSet>(namespace, 'StatefulSet', 'kafka', replicas(1)),
    };

    await succeeds(namespace, 'restore', 'one', '--order', 'sts/kafka,sts/zookeeper');

    await assertInOrder(moments);
    await assertAllRestored(namespace, claims);
  });

  test('a name that nothing bears is refused; one that is left alone must have been stopped by its person', async (t) => {
    const namespace = await openNamespace(t);
    const claims = await runStatefulSet(namespace, 'db', { replicas: 1 });
    await takeSet(namespace, 'one', ['sts/db'], claims);
    const before = await everythingIn(namespace);
    for (const flags of [
      ['--no-stop', 'sts/dbb'],
      ['--order', 'sts/dbb'],
    ]) {
      const refused = await pvsnap(namespace, 'restore', 'one', '--yes', ...flags);
      assertFailed(refused, 'nothing was changed', 'statefulset/dbb', 'there is: statefulset/db');
    }
    assert.deepEqual(await everythingIn(namespace), before);

    const running = await pvsnap(namespace, 'restore', 'one', '--yes', '--no-stop', 'sts/db', '--timeout', '15s');

    assertFailed(running, 'the deadline (--timeout) passed in step stop', 'db-0 is Running');
    await succeeds(namespace, 'undo');
    assert.equal(await namespace.read('data-db-0', 'data'), 'data-db-0: after');
  });
});
