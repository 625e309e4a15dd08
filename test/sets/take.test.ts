import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { Snapshot } from '../../src/cluster/objects.ts';
import { membersAnnotation, setLabel } from '../../src/sets/marks.ts';
import type { SetPlan } from '../../src/sets/prepare.ts';
import type { TakeOptions, Taken } from '../../src/sets/take.ts';
import { takeSet } from '../../src/sets/take.ts';
import type { Answer, ApiServer } from '../api/server.ts';
import { cut, refuse, reply, serve } from '../api/server.ts';
import { namespace, snapshot } from './objects.ts';

function planOf(...names: string[]): SetPlan {
  const annotations = { [membersAnnotation]: String(names.length) };
  const snapshots = names.map((name): Snapshot => {
    const { status: _, ...fresh } = snapshot(name, `data-${name}`);
    return { ...fresh, metadata: { name, namespace, labels: { [setLabel]: 'nightly' }, annotations } };
  });
  return { name: 'nightly', namespace, target: 'sts/es', snapshots };
}

interface Api extends ApiServer {
  /** Says through the watch what has become of a snapshot that was created. */
  tell: (type: string, name: string, status: Snapshot['status']) => void;
}

/** Stores what is created; `onCreate` may take an answer into its own hands by returning true. */
async function serveApi(
  t: TestContext,
  onCreate: (name: string, response: ServerResponse, api: Api) => boolean = () => false,
): Promise<Api> {
  const stored = new Map<string, Snapshot>();
  let watch: ServerResponse | undefined;
  let version = 1;
  const answer: Answer = ({ method, path, query, body }, response) => {
    if (query.has('watch')) {
      watch = response.writeHead(200);
      watch.flushHeaders();
    } else if (method === 'POST') {
      const object = body as Snapshot;
      const { name } = object.metadata;
      const taken = stored.has(name);
      if (!taken) stored.set(name, { ...object, metadata: { ...object.metadata, uid: `uid-${name}` } });
      if (onCreate(name, response, api)) return;
      if (taken) refuse(response, 409, 'AlreadyExists');
      else reply(response, 201, stored.get(name) ?? {});
    } else if (path.includes('/volumesnapshotcontents')) refuse(response, 403, 'Forbidden');
    else {
      const one = stored.get(path.slice(path.lastIndexOf('/') + 1));
      reply(response, 200, one ?? { apiVersion: 'v1', metadata: { resourceVersion: '1' }, items: [] });
    }
  };
  const server = await serve(t, answer);
  const api: Api = {
    ...server,
    tell: (type, name, status) => {
      const object = stored.get(name);
      assert.ok(object !== undefined && watch !== undefined, `${name} is not created, or nobody watches`);
      const metadata = { ...object.metadata, resourceVersion: String(++version) };
      watch.write(`${JSON.stringify({ type, object: { ...object, metadata, status } })}\n`);
    },
  };
  return api;
}

const ready = { readyToUse: true, boundVolumeSnapshotContentName: 'content', creationTime: '2026-11-01T00:00:00Z' };
const take = (api: Api, plan: SetPlan, options: Partial<TakeOptions> = {}): Promise<Taken> =>
  takeSet(api.open(), plan, { signal: AbortSignal.timeout(30_000), wait: true, onMember: () => undefined, ...options });

describe('takeSet', { concurrency: true, timeout: 60_000 }, () => {
  test('creates all in one burst: none waits for the answer to another, and the watch is there before', async (t) => {
    const plan = planOf(...Array.from({ length: 20 }, (_, index) => `s-${index}`));
    const held: (() => void)[] = [];
    const api = await serveApi(t, (name, response, its) => {
      held.push(() => {
        reply(response, 201, plan.snapshots.find(({ metadata }) => metadata.name === name) ?? {});
        its.tell('ADDED', name, ready);
      });
      if (held.length === plan.snapshots.length) for (const answer of held) answer();
      return true;
    });
    const { set, ended, refused } = await take(api, plan);
    assert.deepEqual([set.members.length, set.expected, ended, refused.size], [20, 20, undefined, 0]);
  });

  test('a member whose answer is lost is made once, and belongs to the set', async (t) => {
    let lost = 0;
    const api = await serveApi(t, (name, response, its) => {
      if (name === 'b' && lost++ === 0) {
        cut(response);
        return true;
      }
      its.tell('ADDED', name, ready);
      return false;
    });
    const { set, ended } = await take(api, planOf('a', 'b'));
    assert.deepEqual([set.members.map(({ snapshot: { metadata } }) => metadata.name), ended], [['a', 'b'], undefined]);
  });

  test('a member that is refused leaves the others, and the server’s words', async (t) => {
    const api = await serveApi(t, (name, response, its) => {
      if (name === 'b') refuse(response, 403, 'Forbidden');
      else its.tell('ADDED', name, ready);
      return name === 'b';
    });
    const { set, refused, ended } = await take(api, planOf('a', 'b', 'c'));
    assert.deepEqual([set.members.length, set.expected, ended], [2, 3, undefined]);
    assert.deepEqual([...refused.keys()], ['b']);
    assert.match(refused.get('b') ?? '', /Forbidden/);
  });

  test('the signal ends the wait, not the set; a driver’s error doesn’t end it', async (t) => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const seen: string[] = [];
    const api = await serveApi(t, (name, _response, its) => {
      its.tell('ADDED', name, name === 'a' ? ready : { error: { message: 'no space' } });
      return false;
    });
    const onMember = ({ metadata, status }: Snapshot): void => {
      seen.push(`${metadata.name} ${status?.error?.message ?? 'ready'}`);
      if (seen.length === 2) stop.abort(reason);
    };
    const { set, ended } = await take(api, planOf('a', 'b'), { signal: stop.signal, onMember });
    assert.equal(ended, reason);
    assert.deepEqual([seen.sort(), set.members.length], [['a ready', 'b no space'], 2]);
  });

  test('a member that somebody deletes ends its wait, and is named', async (t) => {
    const api = await serveApi(t, (name, _response, its) => {
      its.tell('ADDED', name, name === 'a' ? ready : {});
      return false;
    });
    const onMember = ({ metadata }: Snapshot): void => {
      if (metadata.name === 'b') api.tell('DELETED', 'b', {});
    };
    const { set, deleted } = await take(api, planOf('a', 'b'), { onMember });
    assert.deepEqual([set.members.map(({ claim }) => claim), deleted], [['data-a'], ['b']]);
  });

  test('a member that is deleted before the wait begins ends it too', async (t) => {
    const api = await serveApi(t, (name, response, its) => {
      its.tell('ADDED', name, name === 'a' ? ready : {});
      if (name === 'b') its.tell('DELETED', name, {});
      if (name === 'b') return false;
      // The last answer comes when the watch has long told everything.
      setTimeout(() => {
        reply(response, 201, snapshot('a', 'data-a'));
      }, 100);
      return true;
    });
    const { set, deleted } = await take(api, planOf('a', 'b'));
    assert.deepEqual([set.members.map(({ claim }) => claim), deleted], [['data-a'], ['b']]);
  });

  test('without --wait nothing is waited for', async (t) => {
    const api = await serveApi(t);
    const { set, ended } = await take(api, planOf('a'), { wait: false });
    assert.deepEqual([set.members.length, ended], [1, undefined]);
  });
});
