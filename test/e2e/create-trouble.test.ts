/** `create` when the storage, or somebody, stands in its way: what is made stays, and the user is told. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isReady } from '../cluster/states.ts';
import { limitSnapshots, openClaims, snapshotsIn } from './claims.ts';
import { pvsnap, start } from './program.ts';
import { allow } from './users.ts';

const names = ['a', 'b', 'c'];
const words = ['create', ...names.map((name) => `pvc/${name}`), '--name', 'trouble'];

describe('create in trouble', { concurrency: 4 }, () => {
  test("keeps the others when a member fails, and repeats the driver's words", async (t) => {
    const namespace = await openClaims(t, names);
    await namespace.knob({ snapshotFailure: { code: 'INTERNAL', message: 'no space left in pool' } }, 'b');
    const { code, stderr } = await pvsnap(namespace, ...words, '--timeout', '15s');
    assert.equal(code, 1);
    assert.match(stderr, /^b {2}hostdir {2}retrying {2}driver: .*no space left in pool.*\(try 1\)$/m);
    assert.match(stderr, /^2 of 3 ready in [\d.]+ s, skew [\d.]+ m?s, 2Gi$/m);
    assert.match(stderr, /^error: 1 of 3 members of trouble did not get ready within --timeout$/m);
    assert.match(stderr, /^ {2}b: .*no space left in pool/m);
    assert.match(stderr, new RegExp(`kubectl pvsnap get sets -n ${namespace.name}\n$`));
    assert.deepEqual((await snapshotsIn(namespace)).map(isReady), [true, false, true]);
    const sets = await pvsnap(namespace, 'get', 'sets', '-o', 'wide');
    assert.match(sets.stdout, /^trouble +pvc\/a,pvc\/b,pvc\/c +2\/3 .* 2Gi .* incomplete: b .*no space left in pool/m);
  });

  test('goes on when the cause of a failure has gone', async (t) => {
    const namespace = await openClaims(t, names);
    // Once would be over after a second, perhaps before the set has been told of it.
    await namespace.knob({ snapshotFailure: { code: 'UNAVAILABLE', message: 'array is busy', times: 3 } }, 'b');
    const { code, stdout, stderr } = await pvsnap(namespace, ...words);
    assert.deepEqual([code, stdout], [0, 'snapshotset/trouble created\n']);
    assert.match(stderr, /^b {2}hostdir {2}retrying {2}driver: .*array is busy.*\nb {2}hostdir {2}ready/ms);
    assert.match(stderr, /^3 of 3 ready/m);
  });

  test('waits no longer than told for storage that hangs', async (t) => {
    const namespace = await openClaims(t, names);
    await namespace.knob({ snapshotHang: true }, 'b');
    const { code, stdout, stderr } = await pvsnap(namespace, ...words, '--timeout', '15s', '-o', 'name');
    assert.deepEqual([code, stdout], [1, 'snapshotset/trouble\n']);
    assert.match(stderr, /^error: 1 of 3 members of trouble did not get ready within --timeout\n {2}b: not ready/m);
  });

  test('leaves the set as it is on Ctrl-C, and says how to look at it', async (t) => {
    const namespace = await openClaims(t, names);
    await namespace.knob({ snapshotHang: true }, 'b');
    const program = start(namespace, ...words);
    await Promise.all([
      program.says('a  hostdir  ready'),
      program.says('b  hostdir  creating'),
      program.says('c  hostdir  ready'),
    ]);
    program.child.kill('SIGINT');
    const { code, stderr } = await program.finished;
    assert.equal(code, 130);
    assert.match(
      stderr,
      new RegExp(`^stopped waiting for trouble\\..*kubectl pvsnap get sets -n ${namespace.name}$`, 'm'),
    );
    const snapshots = await snapshotsIn(namespace);
    assert.equal(snapshots.length, 3);
    await namespace.knob({}, 'b');
    await Promise.all(snapshots.map(({ metadata }) => namespace.waitFor('VolumeSnapshot', metadata.name, isReady)));
  });

  test('says when somebody deletes a member meanwhile', async (t) => {
    const namespace = await openClaims(t, names);
    await namespace.knob({ snapshotReadyDelayMs: 3_600_000 }, 'b');
    const program = start(namespace, ...words);
    await Promise.all([
      program.says('a  hostdir  ready'),
      program.says('b  hostdir  cutting'),
      program.says('c  hostdir  ready'),
    ]);
    const [, b] = await snapshotsIn(namespace);
    await namespace.kubectl('delete', 'volumesnapshot', b?.metadata.name ?? '');
    const { code, stderr } = await program.finished;
    assert.equal(code, 1);
    assert.match(stderr, /^ {2}(snapshot-b-\d+|b): .*deleted/m);
  });

  test('keeps the others when the server refuses one of them', async (t) => {
    const namespace = await openClaims(t, names);
    await limitSnapshots(namespace, 2);
    const { code, stderr } = await pvsnap(namespace, ...words);
    assert.equal(code, 1);
    assert.match(stderr, /^2 of 3 ready/m);
    assert.match(stderr, /^ {2}snapshot-[abc]-\d+: could not be created: .*exceeded quota/m);
    const sets = await pvsnap(namespace, 'get', 'sets');
    assert.match(sets.stdout, /^trouble .* 2\/3 /m);
  });

  test('shows control characters that stand in the cluster, and never obeys them', async (t) => {
    const namespace = await openClaims(t, ['a']);
    await namespace.knob({ snapshotHang: true });
    const program = start(namespace, 'create', 'pvc/a', '--name', 'evil');
    await program.says('a  hostdir  creating');
    const [snapshot] = await snapshotsIn(namespace);
    const error = { message: 'red \u001b[31m and \u009b2J and \u202e\rgone\nsnapshotset/fake created' };
    const patch = `--patch=${JSON.stringify({ status: { error } })}`;
    const type = ['--type=merge', '--subresource=status'];
    await namespace.kubectl('patch', 'volumesnapshot', snapshot?.metadata.name ?? '', ...type, patch);
    await program.says('retrying');
    program.child.kill('SIGINT');
    const { stderr } = await program.finished;
    const target = 'pvsnap.io/target=\u001b]0;title\u0007';
    await namespace.kubectl('annotate', 'volumesnapshot', snapshot?.metadata.name ?? '', '--overwrite', target);
    const sets = await pvsnap(namespace, 'get', 'sets');
    assert.match(stderr, /red \^\[\[31m and /);
    assert.match(sets.stdout, /^evil +\^\[\]0;title\^G +0\/1 /m);
    for (const text of [stderr, sets.stdout]) {
      assert.doesNotMatch(text, /[^\P{Cc}\n]|\u202e|^snapshotset\/fake/mu);
    }
  });

  test('needs no right beyond the namespace when the class is named, and measures what it can see', async (t) => {
    const namespace = await openClaims(t, names);
    const user = await allow(namespace, 'taker', [
      { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['list'] },
      { apiGroups: ['snapshot.storage.k8s.io'], resources: ['volumesnapshots'], verbs: ['create', 'list', 'watch'] },
    ]);
    const { code, stderr } = await pvsnap(namespace, ...words, '--class', 'hostdir', '--as', user);
    assert.equal(code, 0);
    assert.match(stderr, /^3 of 3 ready in .*, skew below \d(\.\d)?s, 3Gi$/m);
    const sets = await pvsnap(namespace, 'get', 'sets', '--as', user);
    assert.match(sets.stdout, /^trouble .* 3\/3 +<\ds +3Gi /m);
  });
});
