/** What `restore` prints: the plan before it begins, and the result in the format asked for. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { openNamespace } from '../cluster/namespace.ts';
import { claim, deployment } from '../cluster/objects.ts';
import { isRolledOut } from '../cluster/states.ts';
import { pvsnap } from './program.ts';
import { contentOf, fill, makeClaims, runStatefulSet, takeSet, takeSnapshots } from './restore-app.ts';
import { assertSafe, everythingIn, volumesOf } from './restore-checks.ts';

interface PrintedPlan {
  operation: string;
  phase?: string;
  members: { claim: string; staging: string; sizeBytes: number; now?: { volume: string } }[];
  workloads: { kind: string; name: string; replicas: number }[];
}

describe('the plan of a restore', { concurrency: 2 }, () => {
  test('a dry run names all that would be done, and changes nothing', async (t) => {
    const namespace = await openNamespace(t);
    await namespace.apply([claim('web'), deployment('web', ['web'], { replicas: 3 })]);
    await namespace.waitFor('Deployment', 'web', isRolledOut);
    const claims = [...(await runStatefulSet(namespace, 'db', { storageClass: 'zonal' })), 'web'];
    await fill(namespace, ['web'], 'before');
    await takeSet(namespace, 'one', ['sts/db', 'deploy/web'], claims);
    const before = await everythingIn(namespace);
    const volumes = await volumesOf(namespace);

    const kinds = ['client', 'server'] as const;
    const [client, server] = await Promise.all(
      kinds.map((kind) => pvsnap(namespace, 'restore', 'one', `--dry-run=${kind}`, '--size=2Gi')),
    );
    assert.deepEqual(await everythingIn(namespace), before);
    assert.deepEqual([client?.code, server?.code], [0, 0], client?.stderr);
    assert.match(client?.stdout ?? '', /restore of one planned \(dry run\)\n$/);
    assert.match(server?.stdout ?? '', /restore of one planned \(server dry run\)\n$/);
    const plan = client?.stdout ?? '';
    assert.match(plan, new RegExp(`^Restore of one \\(3 volumes, .* in place, namespace ${namespace.name}$`, 'm'));
    assert.match(plan, /stage +3 volumes from their snapshots, 2Gi each, while everything keeps running/);
    assert.match(plan, /statefulset\/db +2 replicas/);
    assert.match(plan, /deployment\/web +3 replicas/);
    for (const name of claims) {
      const now = volumes.find(({ spec }) => spec?.claimRef?.name === name)?.metadata.name ?? '';
      assert.match(plan, new RegExp(`${name} +${now}, 1Gi +new, 2Gi +snapshot-${name}-\\d+`));
    }
    assert.match(plan, /Nothing is deleted: the 3 volumes of now \(3Gi\) stay parked/);
  });

  test('a dry run prints the plan as data, in each format', async (t) => {
    const namespace = await openNamespace(t);
    const claims = await runStatefulSet(namespace, 'db', { replicas: 1 });
    const snapshots = await takeSnapshots(namespace, claims);
    await namespace.kubectl('annotate', 'pvc/data-db-0', 'note=\u001b[31m\u009b2J');
    const formats = ['json', 'yaml', 'name'].map((format) => `-o=${format}`);
    const [json, yaml, name] = await Promise.all(
      formats.map((format) => pvsnap(namespace, 'restore', ...snapshots, '--dry-run=client', format)),
    );
    const plan = JSON.parse(json?.stdout ?? '') as PrintedPlan;
    assert.deepEqual(
      plan.workloads.map(({ kind, name: of, replicas }) => [kind, of, replicas]),
      [['statefulset', 'db', 1]],
    );
    assert.deepEqual(
      plan.members.map(({ claim: of, sizeBytes }) => [of, sizeBytes]),
      [['data-db-0', 2 ** 30]],
    );
    assert.deepEqual(Object.keys(parse(yaml?.stdout ?? '') as object), Object.keys(plan));
    for (const printed of [json, yaml]) assertSafe(printed?.stdout ?? '');
    assert.match(name?.stdout ?? '', /^operation\/restore-\w{5}\n$/);
  });

  test('the result alone is on stdout, and the command on stderr deletes what is parked', async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['data']);
    const snapshots = await takeSnapshots(namespace, ['data']);

    const { stdout, stderr } = await pvsnap(namespace, 'restore', ...snapshots, '--yes', '-o=yaml');

    const { phase, members } = parse(stdout) as PrintedPlan;
    assert.deepEqual([phase, members[0]?.claim], ['completed', 'data']);
    const [, commit = ''] = /^  kubectl pvsnap (commit \S+) -n \S+ +to delete it$/m.exec(stderr) ?? [];
    const deleted = await pvsnap(namespace, ...commit.split(' '), '--yes');
    assert.equal(deleted.code, 0, deleted.stderr);
    assert.equal((await volumesOf(namespace)).length, 1);
    assert.equal(await namespace.read('data', 'data'), contentOf('data', 'before'));
  });
});
