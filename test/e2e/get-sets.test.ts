/** `get sets`: a line for each set, whole or not. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '../cluster/api.ts';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { openClaims, snapshotsIn } from './claims.ts';
import { pvsnap } from './program.ts';

interface SetObject extends KubeObject {
  spec: { target: string; members: number };
  status: { complete: boolean; ready: number; sizeBytes: number; skewMs: number; members: { state: string }[] };
}

describe('get sets', { concurrency: 4 }, () => {
  test('shows name, target, volumes, skew, size and age, newest first', async (t) => {
    const namespace = await openClaims(t, ['a', 'b', 'c'], { size: '2Gi' });
    await pvsnap(namespace, 'create', 'pvc/a', '--name', 'older');
    await pvsnap(namespace, 'create', 'pvc/b', 'pvc/c', '--name', 'newer');

    const { stdout } = await pvsnap(namespace, 'get', 'sets');
    const [header, first, second, ...others] = stdout.trimEnd().split('\n');
    assert.match(header ?? '', /^NAME +TARGET +VOLUMES +SKEW +SIZE +AGE$/);
    assert.match(first ?? '', /^newer +pvc\/b,pvc\/c +2\/2 +[\d.]+m?s +4Gi +\d+s$/);
    assert.match(second ?? '', /^older +pvc\/a +1\/1 +0ms +2Gi +\d+s$/);
    assert.deepEqual(others, []);

    const everywhere = await pvsnap(namespace, 'get', 'snapshotsets', '-A');
    assert.match(everywhere.stdout, /^NAMESPACE +NAME +TARGET/);
    assert.match(everywhere.stdout, new RegExp(`^${namespace.name} +newer +pvc/b,pvc/c +2/2 `, 'm'));

    const named = await pvsnap(namespace, 'get', 'set', 'older', 'gone', '-o', 'name');
    assert.deepEqual([named.code, named.stdout], [1, 'snapshotset/older\n']);
    assert.match(named.stderr, /"gone"/);
  });

  test('says of each set what a script needs to know, and measures skew to the nanosecond', async (t) => {
    const namespace = await openClaims(t, ['a', 'b']);
    await pvsnap(namespace, 'create', 'pvc/a', 'pvc/b', '--name', 'nightly');
    const { stdout } = await pvsnap(namespace, 'get', 'sets', 'nightly', '-o', 'json');
    const { kind, metadata, spec, status } = JSON.parse(stdout) as SetObject;
    assert.deepEqual([kind, metadata.name, metadata.namespace], ['SnapshotSet', 'nightly', namespace.name]);
    assert.deepEqual([spec.target, spec.members], ['pvc/a,pvc/b', 2]);
    assert.deepEqual([status.complete, status.ready, status.sizeBytes], [true, 2, 2 * 2 ** 30]);
    assert.ok(Math.abs(status.skewMs - (await skewMsOf(namespace))) < 0.001);
  });

  test('shows a member that is gone, and one that is not ready', async (t) => {
    const namespace = await openClaims(t, ['a', 'b', 'c', 'd']);
    await namespace.knob({ snapshotReadyDelayMs: 3_600_000 }, 'd');
    await pvsnap(namespace, 'create', 'pvc/a', 'pvc/b', '--name', 'torn');
    await pvsnap(namespace, 'create', 'pvc/c', 'pvc/d', '--name', 'young', '--wait=false');
    const [, b] = await snapshotsIn(namespace, '-l', 'pvsnap.io/set=torn');
    await namespace.kubectl('delete', 'volumesnapshot', b?.metadata.name ?? '');
    const young = await snapshotsIn(namespace, '-l', 'pvsnap.io/set=young');
    const isCut = ({ status }: { status?: { creationTime?: string } }): boolean => status?.creationTime !== undefined;
    await Promise.all(young.map(({ metadata }) => namespace.waitFor('VolumeSnapshot', metadata.name, isCut)));

    const { stdout } = await pvsnap(namespace, 'get', 'sets', '-o', 'wide');
    assert.match(stdout, /^torn +pvc\/a,pvc\/b +1\/2 .* incomplete: 1 snapshots? (is|are) gone +snapshot-a-\d+$/m);
    assert.match(stdout, /^young +pvc\/c,pvc\/d +1\/2 .* incomplete: d is cutting +snapshot-c-\d+,snapshot-d-\d+$/m);
  });

  test('says so when there is none', async (t) => {
    const namespace = await openNamespace(t);
    const none = await pvsnap(namespace, 'get', 'sets');
    const text = `No resources found in ${namespace.name} namespace.\n`;
    assert.deepEqual(none, { code: 0, stdout: '', stderr: text });
    const gone = await pvsnap(namespace, 'get', 'sets', 'gone');
    assert.deepEqual([gone.code, gone.stdout], [1, '']);
    assert.match(gone.stderr, /"gone"/);
  });
});

/** From the contents, whose times are nanoseconds. */
async function skewMsOf(namespace: TestNamespace): Promise<number> {
  const uids = (await snapshotsIn(namespace)).map(({ metadata }) => `snapcontent-${metadata.uid ?? ''}`);
  const { stdout } = await namespace.kubectl('get', 'vsc', ...uids, '-o=jsonpath={.items[*].status.creationTime}');
  const [a = 0n, b = 0n] = stdout.split(' ').map(BigInt);
  return Math.abs(Number(a - b)) / 1e6;
}
