/** The waits of create and restore outlive the API server and etcd. On a cluster of their own: everybody would feel it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FACTS_VARIABLE, factsPath } from '../cluster/facts.ts';
import { restart } from '../cluster/ready.ts';
import type { TestNamespace } from '../cluster/namespace.ts';
import type { Cluster } from '../cluster/start.ts';
import { startCluster } from '../cluster/start.ts';
import { openClaims } from './claims.ts';
import { pvsnap, start } from './program.ts';
import { openApp } from './restore-app.ts';
import { assertRestored } from './restore-checks.ts';

describe('an API server that is restarted', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster();
    process.env[FACTS_VARIABLE] = factsPath(cluster.directory);
  });
  after(async () => {
    await cluster.stop();
  });

  for (const component of ['kube-apiserver', 'etcd'] as const) {
    test(`create goes on waiting when ${component} ends and comes back`, async (t) => {
      const namespace = await openClaims(t, ['a', 'b']);
      // Ready only once the restart is over, so that nothing but a watch that was made anew can tell.
      await namespace.knob({ snapshotReadyDelayMs: 3_600_000 });
      const running = start(namespace, 'create', 'pvc/a', 'pvc/b', '--name', 'set', '--timeout', '2m');
      await running.says(/a {2}hostdir {2}cutting/);
      await restart(cluster, component);
      await namespace.knob({});
      const { code, stdout, stderr } = await running.finished;
      assert.deepEqual([code, stdout], [0, 'snapshotset/set created\n'], stderr);
    });
  }

  for (const component of ['kube-apiserver', 'etcd'] as const) {
    test(`restore stages while ${component} ends and comes back, and swaps`, async (t) => {
      const { namespace, snapshots } = await openApp(t);
      await namespace.knob({ provisionHang: true });
      const running = start(namespace, 'restore', ...snapshots, '--yes', '--timeout', '2m');
      await running.says('staging  0 of 1');
      await restart(cluster, component);
      await namespace.knob({});
      const { code, stderr } = await running.finished;
      assert.equal(code, 0, stderr);
      assert.match(await namespace.read('data-db-0', 'data'), /before$/);
    });

    test(`restore swaps while ${component} ends and comes back, or says how to go on`, async (t) => {
      const { namespace, snapshots } = await openApp(t);
      await hold(namespace, ['example.com/hold', 'kubernetes.io/pvc-protection']);
      const running = start(namespace, 'restore', ...snapshots, '--yes', '--timeout', '2m');
      await namespace.waitFor('PersistentVolumeClaim', 'data-db-0', ({ metadata }) => {
        return metadata.deletionTimestamp !== undefined;
      });
      await restart(cluster, component);
      await hold(namespace, null);
      const { code, stderr } = await running.finished;
      if (code !== 0) {
        assert.match(stderr, /kubectl pvsnap resume restore-/);
        assert.equal((await pvsnap(namespace, 'resume', '--yes')).code, 0, stderr);
      }
      await assertRestored(namespace, { claims: { 'data-db-0': 'before' }, parked: [['data-db-0', 'after']] });
    });
  }
});

async function hold(namespace: TestNamespace, finalizers: string[] | null): Promise<void> {
  const patch = JSON.stringify({ metadata: { finalizers } });
  await namespace.kubectl('patch', 'pvc/data-db-0', '--type=merge', '-p', patch);
}
