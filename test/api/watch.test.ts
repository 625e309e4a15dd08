// Tests of src/cluster/ stand in test/api/, because test/cluster/ is the start of the real control plane.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ConfigMap } from '../../src/cluster/objects.ts';
import { configMaps } from '../../src/cluster/resources.ts';
import type { Watch } from '../../src/cluster/watch.ts';
import { openWatch } from '../../src/cluster/watch.ts';
import { ClusterError } from '../../src/errors.ts';
import type { Watched, WatchRequest } from './watched.ts';
import { configMap, serveWatched, statusEvent } from './watched.ts';

const options = { concurrency: true, timeout: 60_000 };
const scope = { namespace: 'kafka' };
const soon = (): AbortSignal => AbortSignal.timeout(30_000);

const namesOf = (objects: ReadonlyMap<string, ConfigMap>): string[] => [...objects.keys()].sort();
const until = (watch: Watch<ConfigMap>, ...names: string[]): Promise<true> =>
  watch.until((objects) => namesOf(objects).join() === names.join() || undefined, soon());
const open = (server: Watched): Promise<Watch<ConfigMap>> => openWatch(server.open(), configMaps, scope);

describe('a watch goes on from where it was', options, () => {
  for (const how of ['cut', 'end'] as const) {
    test(`when the connection is lost: ${how}`, async (t) => {
      const server = await serveWatched(t);
      server.show('10', configMap('a', '3'));
      const watch = await open(server);
      const first = await server.nextWatch();
      assert.equal(first.query.get('resourceVersion'), '10');
      first.event('ADDED', configMap('b', '11'));
      await until(watch, 'a', 'b');
      first[how]();
      const second = await server.nextWatch();
      assert.equal(second.query.get('resourceVersion'), '11');
      second.event('DELETED', configMap('a', '12'));
      await until(watch, 'b');
      assert.equal(server.lists(), 1);
      watch.close();
    });
  }

  test('when a line is cut in the middle: what it said is asked for again', async (t) => {
    const server = await serveWatched(t);
    const watch = await open(server);
    const first = await server.nextWatch();
    first.event('ADDED', configMap('a', '2'));
    first.write(JSON.stringify({ type: 'ADDED', object: configMap('b', '3') }).slice(0, -3));
    await until(watch, 'a');
    first.end();
    const second = await server.nextWatch();
    assert.equal(second.query.get('resourceVersion'), '2');
    second.event('ADDED', configMap('b', '3'));
    await until(watch, 'a', 'b');
    assert.equal(server.lists(), 1);
    watch.close();
  });

  test('of a bookmark, which is no object', async (t) => {
    const server = await serveWatched(t);
    const watch = await open(server);
    const first = await server.nextWatch();
    assert.equal(first.query.get('allowWatchBookmarks'), 'true');
    first.event('BOOKMARK', { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: '77' } });
    first.event('ADDED', configMap('a', '78'));
    first.event('BOOKMARK', { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: '90' } });
    await until(watch, 'a');
    first.end();
    assert.equal((await server.nextWatch()).query.get('resourceVersion'), '90');
    watch.close();
  });

  test('when the server restarts and answers 503 and 429 at first', async (t) => {
    const server = await serveWatched(t);
    const watch = await open(server);
    (await server.nextWatch()).cut();
    (await server.nextWatch()).refuse(503, 'ServiceUnavailable');
    (await server.nextWatch()).refuse(429, 'TooManyRequests');
    const last = await server.nextWatch();
    last.event('ADDED', configMap('a', '2'));
    await until(watch, 'a');
    assert.equal(server.lists(), 1);
    watch.close();
  });

  test('when the server says an error that passes inside the stream', async (t) => {
    const server = await serveWatched(t);
    const watch = await open(server);
    const first = await server.nextWatch();
    first.event('ADDED', configMap('a', '5'));
    first.event('ERROR', statusEvent(500, 'InternalError'));
    assert.equal((await server.nextWatch()).query.get('resourceVersion'), '5');
    assert.deepEqual([namesOf(watch.objects), server.lists()], [['a'], 1]);
    watch.close();
  });
});

describe('a watch lists anew when the server has forgotten', options, () => {
  for (const [how, forget] of [
    [
      'an ERROR event',
      (request: WatchRequest): void => {
        request.event('ERROR', statusEvent(410, 'Expired'));
      },
    ],
    [
      'the answer’s status',
      (request: WatchRequest): void => {
        request.refuse(410, 'Expired');
      },
    ],
  ] as const) {
    test(`410 Gone as ${how}: what was deleted meanwhile goes`, async (t) => {
      const server = await serveWatched(t);
      server.show('10', configMap('kept', '3'), configMap('deleted', '4'));
      const watch = await open(server);
      const gone = until(watch, 'kept', 'made');
      const first = await server.nextWatch();
      server.show('500', configMap('kept', '3'), configMap('made', '490'));
      forget(first);
      await gone;
      assert.equal((await server.nextWatch()).query.get('resourceVersion'), '500');
      assert.equal(server.lists(), 2);
      watch.close();
    });
  }
});

describe('a watch that can’t go on', options, () => {
  for (const [status, reason] of [
    [403, 'Forbidden'],
    [401, 'Unauthorized'],
    [404, 'NotFound'],
  ] as const) {
    test(`${reason}: ends every wait, now and later`, async (t) => {
      const server = await serveWatched(t);
      const watch = await open(server);
      const waits = [until(watch, 'a'), until(watch, 'b')];
      (await server.nextWatch()).refuse(status, reason);
      const isRefusal = (error: unknown): boolean => error instanceof ClusterError && error.reason === reason;
      for (const wait of waits) await assert.rejects(wait, isRefusal);
      await assert.rejects(until(watch, 'c'), isRefusal);
      assert.deepEqual([server.lists(), server.watches()], [1, 1]);
    });
  }

  test('Forbidden inside the stream ends them too', async (t) => {
    const server = await serveWatched(t);
    const watch = await open(server);
    const wait = until(watch, 'a');
    (await server.nextWatch()).event('ERROR', statusEvent(403, 'Forbidden'));
    await assert.rejects(wait, /Forbidden/);
  });
});

describe('the requests of a watch', options, () => {
  test('are one list and one watch, for any number of waits', async (t) => {
    const server = await serveWatched(t);
    const watch = await open(server);
    const waits = Array.from({ length: 100 }, (_, index) =>
      watch.until((objects) => objects.get(`c-${index}`), soon()),
    );
    const request = await server.nextWatch();
    for (let index = 0; index < 100; index++) request.event('ADDED', configMap(`c-${index}`, String(index + 2)));
    const seen = await Promise.all(waits);
    assert.deepEqual(new Set(seen.map(({ metadata }) => metadata.name)).size, 100);
    assert.deepEqual([server.lists(), server.watches()], [1, 1]);
    watch.close();
  });

  test('ask for the scope’s selectors, in the list and in the watch', async (t) => {
    const server = await serveWatched(t);
    const selectors = { labelSelector: 'app in (a, b)', fieldSelector: 'type=Warning,reason!=x y' };
    const watch = await openWatch(server.open(), configMaps, { ...scope, ...selectors });
    await server.nextWatch();
    for (const { path, query } of server.received) {
      assert.equal(path, '/api/v1/namespaces/kafka/configmaps');
      assert.deepEqual([query.get('labelSelector'), query.get('fieldSelector')], Object.values(selectors));
    }
    watch.close();
  });

  test('are not ended by --request-timeout while nothing happens', async (t) => {
    const server = await serveWatched(t);
    const watch = await openWatch(server.open({ 'request-timeout': '100ms' }), configMaps, scope);
    const request = await server.nextWatch();
    request.write('\n');
    await new Promise((resolve) => setTimeout(resolve, 500));
    request.event('ADDED', configMap('a', '2'));
    await until(watch, 'a');
    assert.equal(server.watches(), 1);
    watch.close();
  });

  test('stop when it is closed', async (t) => {
    const server = await serveWatched(t);
    const watch = await open(server);
    const request = await server.nextWatch();
    watch.close();
    await request.closed;
    assert.equal(server.watches(), 1);
  });

  test('don’t follow one on the other when a proxy ends each at once', async (t) => {
    const server = await serveWatched(t);
    const watch = await open(server);
    const end = AbortSignal.timeout(500);
    while (!end.aborted) (await server.nextWatch()).end();
    watch.close();
    assert.ok(server.watches() < 20, `${server.watches()} requests in half a second`);
  });

  test('come soon after each cut, also after the sixth: a watch that worked starts the pauses anew', async (t) => {
    const server = await serveWatched(t);
    const watch = await open(server);
    const startedMs = performance.now();
    for (let turn = 1; turn <= 6; turn++) {
      const request = await server.nextWatch();
      request.event('MODIFIED', configMap('a', String(turn + 1)));
      await watch.until(
        (objects) => objects.get('a')?.metadata.resourceVersion === String(turn + 1) || undefined,
        soon(),
      );
      request.cut();
    }
    await server.nextWatch();
    const elapsedMs = Math.round(performance.now() - startedMs);
    watch.close();
    assert.ok(elapsedMs < 3000, `${elapsedMs} ms for 6 cuts`);
  });
});
