/** What `--fix` asks of the server, where the server or somebody else gets in between. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { Claim, Content, KubeObject, Snapshot } from '../../../src/cluster/objects.ts';
import type { FixOptions } from '../../../src/velero/doctor/fix.ts';
import { removeLeftovers, rightsToFix } from '../../../src/velero/doctor/fix.ts';
import type { Leftover } from '../../../src/velero/doctor/leftovers.ts';
import { leftoversIn, nameOf } from '../../../src/velero/doctor/leftovers.ts';
import type { Received } from '../../api/server.ts';
import { refuse, reply, serve } from '../../api/server.ts';
import { app, backup, claimFrom, leftContent, leftSnapshot, nowMs } from './objects.ts';

interface World {
  snapshots: Snapshot[];
  contents: Content[];
  claims?: Claim[];
  /** What somebody does when the server has done this. */
  after?: (call: string, world: Stored) => void;
  /** The same, when the request has arrived. */
  before?: (call: string, world: Stored) => void;
  /** The server takes the patch, and a webhook of somebody's takes it back. */
  ignoresPatch?: boolean;
}

type Stored = Required<Pick<World, 'snapshots' | 'contents' | 'claims'>>;

interface Fixed {
  /** Every write, in its order. */
  writes: string[];
  removed: string[];
  failures: string[];
  left: string[];
}

/** Makes the plan, then lets `meanwhile` happen, and removes what was planned. */
async function fix(
  t: TestContext,
  { after = () => undefined, before = () => undefined, ignoresPatch = false, ...parts }: World,
  meanwhile: (world: Stored) => void = () => undefined,
  options: Partial<FixOptions> = {},
): Promise<Fixed> {
  const world = structuredClone({ claims: [], ...parts });
  const leftovers = leftoversIn({
    ...world,
    backups: [backup('nightly')],
    restores: [],
    seesAllRestores: true,
    nowMs,
  }).removable;
  meanwhile(world);
  const writes: string[] = [];
  const watches: { path: string; response: ServerResponse }[] = [];
  const stored = (path: string): KubeObject[] =>
    path.includes('/volumesnapshotcontents')
      ? world.contents
      : path.includes('/volumesnapshots')
        ? world.snapshots
        : world.claims;
  const remove = (list: KubeObject[], object: KubeObject): void => {
    list.splice(list.indexOf(object), 1);
    for (const { path, response } of watches) {
      if (stored(path) === list) response.write(`${JSON.stringify({ type: 'DELETED', object })}\n`);
    }
  };
  const write = ({ method, path, query, body }: Received, object: KubeObject, response: ServerResponse): void => {
    const { preconditions = {}, metadata, dryRun } = body as Body;
    const expected = { ...preconditions, ...metadata };
    const call = `${method} ${path.split('/').slice(-2).join('/')}`;
    const isDry = dryRun !== undefined || query.get('dryRun') !== null;
    writes.push(isDry ? `${call} (dry run)` : call);
    before(call, world);
    const { uid, resourceVersion } = object.metadata;
    if ((expected.uid ?? uid) !== uid || (expected.resourceVersion ?? resourceVersion) !== resourceVersion) {
      refuse(response, 409, 'Conflict');
    } else if (isDry) reply(response, 200, object);
    else {
      if (method === 'DELETE') remove(stored(path), object);
      else if (!ignoresPatch) change(object as Content, 'Retain');
      reply(response, 200, object);
      after(call, world);
    }
  };
  const server = await serve(t, (call, response) => {
    const { path, query, method } = call;
    const list = stored(path);
    const name = /\/(?:volumesnapshotcontents|volumesnapshots)\/([^/]+)$/.exec(path)?.[1];
    const object = list.find(({ metadata }) => metadata.name === name);
    if (query.has('watch')) {
      response.writeHead(200).flushHeaders();
      watches.push({ path, response });
    } else if (name === undefined) {
      reply(response, 200, { apiVersion: 'v1', metadata: { resourceVersion: '1' }, items: list });
    } else if (object === undefined) refuse(response, 404, 'NotFound');
    else if (method === 'GET') reply(response, 200, object);
    else write(call, object, response);
  });
  const removed: string[] = [];
  const failures = await removeLeftovers(server.open(), leftovers, {
    dryRun: false,
    cancelled: new AbortController().signal,
    onRemoved: (leftover: Leftover) => removed.push(nameOf(leftover)),
    ...options,
  });
  return {
    writes,
    removed,
    failures: failures.map(({ about, problem }) => `${about}: ${problem}`),
    left: [...world.snapshots, ...world.contents].map(({ kind, metadata }) => `${kind} ${metadata.name}`),
  };
}

interface Body {
  preconditions?: { uid?: string; resourceVersion?: string };
  metadata?: { resourceVersion?: string };
  dryRun?: string[];
}

function change(content: Content, deletionPolicy: 'Delete' | 'Retain'): void {
  content.spec.deletionPolicy = deletionPolicy;
  content.metadata.resourceVersion = String(Number(content.metadata.resourceVersion) + 1);
}

const [patch, unbind, drop] = [
  'PATCH volumesnapshotcontents/a',
  'DELETE volumesnapshots/a',
  'DELETE volumesnapshotcontents/a',
];
const one: World = { snapshots: [leftSnapshot('a')], contents: [leftContent('a')] };
const owning: World = { snapshots: [leftSnapshot('a')], contents: [leftContent('a', { deletionPolicy: 'Delete' })] };

describe('removeLeftovers', { concurrency: true, timeout: 60_000 }, () => {
  test('removes the snapshot, then its content', async (t) => {
    const { writes, removed, left } = await fix(t, one);
    assert.deepEqual(writes, [unbind, drop]);
    assert.deepEqual(removed, ['kafka/a']);
    assert.deepEqual(left, []);
  });

  test('makes a content Retain before anything goes', async (t) => {
    const { writes, left } = await fix(t, owning);
    assert.deepEqual(writes, [patch, unbind, drop]);
    assert.deepEqual(left, []);
  });

  test('removes nothing when the content does not become Retain', async (t) => {
    const { writes, failures, left } = await fix(t, { ...owning, ignoresPatch: true });
    assert.deepEqual(writes, [patch]);
    assert.match(failures[0] ?? '', /^kafka\/a: content a doesn't become Retain/);
    assert.equal(left.length, 2);
  });

  test('looks again once the snapshot is gone: somebody may have made the content Delete', async (t) => {
    const after: World['after'] = (call, { contents: [content] }) => {
      if (call === unbind && content !== undefined) change(content, 'Delete');
    };
    const { writes, left } = await fix(t, { ...one, after });
    assert.deepEqual(writes, [unbind, patch, drop]);
    assert.deepEqual(left, []);
  });

  test('never deletes a content that changed since it was seen to be Retain', async (t) => {
    let times = 0;
    const before: World['before'] = (call, { contents: [content] }) => {
      if (call === drop && content !== undefined && times++ === 0) change(content, 'Delete');
    };
    const { writes, left } = await fix(t, { ...one, before });
    // The first deletion is refused with Conflict.
    assert.deepEqual(writes, [unbind, drop, patch, drop]);
    assert.deepEqual(left, []);
  });

  test('leaves a pair alone that a claim has begun to be made from', async (t) => {
    const { writes, failures } = await fix(t, one, ({ claims }) => claims.push(claimFrom('new', 'a', 'Pending')));
    assert.deepEqual(writes, []);
    assert.deepEqual(failures, ['kafka/a: claim new is still Pending, and is made from it']);
  });

  test('leaves what came under the same name alone', async (t) => {
    const { writes, failures } = await fix(t, one, ({ snapshots }) =>
      snapshots.splice(0, 1, leftSnapshot('a', { uid: 'new' })),
    );
    assert.deepEqual(writes, []);
    assert.match(failures[0] ?? '', /its content a is of another snapshot/);
    const other = await fix(t, one, ({ contents }) => contents.splice(0, 1, leftContent('a', {}, { uid: 'new' })));
    assert.deepEqual(other.writes, []);
    assert.match(other.failures[0] ?? '', /content a is another one than before/);
    const late = await fix(t, { ...one, contents: [] }, ({ contents }) => contents.push(leftContent('a')));
    assert.deepEqual(late.writes, []);
    assert.match(late.failures[0] ?? '', /there is a content a of it now/);
  });

  test('leaves a content alone that somebody has made a snapshot of', async (t) => {
    const { writes, failures } = await fix(t, { ...one, snapshots: [] }, ({ snapshots }) =>
      snapshots.push(leftSnapshot('a', { uid: 'new' })),
    );
    assert.deepEqual(writes, []);
    assert.deepEqual(failures, ['content a: there is a snapshot of it now']);
  });

  test('takes what is gone already for removed', async (t) => {
    const { writes, removed } = await fix(t, one, ({ snapshots, contents }) => {
      snapshots.pop();
      contents.pop();
    });
    assert.deepEqual(writes, []);
    assert.deepEqual(removed, ['kafka/a']);
  });

  test('removes the others when one can not be', async (t) => {
    const world = {
      snapshots: [leftSnapshot('a'), leftSnapshot('b')],
      contents: [leftContent('a', { deletionPolicy: 'Delete' }), leftContent('b')],
      ignoresPatch: true,
    };
    const { removed, failures, left } = await fix(t, world);
    assert.deepEqual(removed, ['kafka/b']);
    assert.equal(failures.length, 1);
    assert.deepEqual(left, ['VolumeSnapshot a', 'VolumeSnapshotContent a']);
  });

  test('lets the server check every call, and store nothing', async (t) => {
    const { writes, left } = await fix(t, owning, () => undefined, { dryRun: true });
    assert.deepEqual(
      [...new Set(writes)],
      [patch, unbind, drop].map((call) => `${call} (dry run)`),
    );
    assert.equal(left.length, 2);
  });

  test('stops before the first when it is cancelled', async (t) => {
    const cancelled = AbortSignal.abort(new Error('stopped'));
    await assert.rejects(
      fix(t, one, () => undefined, { cancelled }),
      /stopped/,
    );
  });
});

test('rightsToFix asks for what is done, and no more', () => {
  const rights = ({ snapshots, contents }: World): string[] =>
    rightsToFix(
      leftoversIn({ snapshots, contents, claims: [], backups: [], restores: [], seesAllRestores: true, nowMs })
        .removable,
    ).map(({ verb, resource, namespace }) => `${verb} ${resource.plural} ${namespace ?? ''}`.trim());
  const onContents = ['get', 'watch', 'delete'].map((verb) => `${verb} volumesnapshotcontents`);
  const onSnapshots = ['get', 'watch', 'delete'].map((verb) => `${verb} volumesnapshots ${app}`);
  assert.deepEqual(rights(one), [...onSnapshots, ...onContents]);
  assert.deepEqual(rights(owning), [...onSnapshots, ...onContents, 'patch volumesnapshotcontents']);
  assert.deepEqual(rights({ ...one, snapshots: [] }), [onSnapshots[0], ...onContents]);
});
