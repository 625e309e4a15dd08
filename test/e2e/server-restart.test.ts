/** The waits of create and restore outlive the API server and etcd. On a cluster of their own: everybody would feel it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FACTS_VARIABLE, factsPath } from '../cluster/facts.ts';
import { restart } from '../cluster/ready.ts';
import type { Cluster } from '../cluster/start.ts';
import { startCluster } from '../cluster/start.ts';
import { openClaims } from './claims.ts';
import { start } from './program.ts';
import { openApp } from './restore-app.ts';

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

  test('restore stages through it, and swaps', async (t) => {
    const { namespace, snapshots } = await openApp(t);
    await namespace.knob({ provisionHang: true });
    const running = start(namespace, 'restore', ...snapshots, '--yes', '--timeout', '2m');
    await running.says('staging  0 of 1');
    await restart(cluster, 'kube-apiserver');
    await namespace.knob({});
    const { code, stderr } = await running.finished;
    assert.equal(code, 0, stderr);
    assert.match(await namespace.read('data-db-0', 'data'), /before$/);
  });
});
