import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createOnce } from '../../src/cluster/create-once.ts';
import type { ConfigMap } from '../../src/cluster/objects.ts';
import { configMaps } from '../../src/cluster/resources.ts';
import { ClusterError } from '../../src/errors.ts';
import type { ApiServer, Received } from './server.ts';
import { cut, refuse, reply, serve } from './server.ts';
import { configMap } from './watched.ts';
import type { ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';

const options = { concurrency: true, timeout: 60_000 };
const wanted: ConfigMap = { ...configMap('record', '1'), data: { by: 'us' } };
const isOurs = ({ data }: ConfigMap): boolean => data?.by === 'us';

/** How often the store took an object, and the connection's fate for each request, by its number from 0. */
interface Store extends ApiServer {
  made: () => number;
}

async function serveStore(
  test: TestContext,
  fate: (request: Received, index: number, response: ServerResponse) => 'lost before' | 'lost after' | 'answered',
  present?: ConfigMap,
): Promise<Store> {
  let stored = present;
  let made = 0;
  const server = await serve(test, (request, response) => {
    const what = fate(request, server.received.length - 1, response);
    if (what === 'lost before') {
      cut(response);
      return;
    }
    const taken = stored !== undefined;
    if (request.method === 'POST' && !taken) {
      stored = request.body as ConfigMap;
      made++;
    }
    if (what === 'lost after') cut(response);
    else if (request.method === 'POST' && taken) refuse(response, 409, 'AlreadyExists');
    else if (stored === undefined) refuse(response, 404, 'NotFound');
    else reply(response, 200, stored);
  });
  return { ...server, made: () => made };
}

const posts = (server: ApiServer): number => server.received.filter(({ method }) => method === 'POST').length;

describe('a create', options, () => {
  test('whose answer is lost makes the object once', async (t) => {
    const server = await serveStore(t, (_, index) => (index === 0 ? 'lost after' : 'answered'));
    assert.deepEqual(await createOnce(server.open(), configMaps, wanted, isOurs), wanted);
    assert.deepEqual([server.made(), posts(server)], [1, 2]);
  });

  test('that never arrived is sent again', async (t) => {
    const server = await serveStore(t, (_, index) => (index < 2 ? 'lost before' : 'answered'));
    assert.deepEqual(await createOnce(server.open(), configMaps, wanted, isOurs), wanted);
    assert.deepEqual([server.made(), posts(server)], [1, 3]);
  });

  test('makes it once also when the look at what is there is lost in its turn', async (t) => {
    const server = await serveStore(t, ({ method, turn }, index) => {
      if (index === 0) return 'lost after';
      return method === 'GET' && turn === 2 ? 'lost before' : 'answered';
    });
    assert.deepEqual(await createOnce(server.open(), configMaps, wanted, isOurs), wanted);
    assert.equal(server.made(), 1);
  });

  test('makes it once when the answer is cut in its middle', async (t) => {
    let isCut = false;
    const server = await serve(t, ({ method, body }, response) => {
      if (isCut) {
        if (method === 'POST') refuse(response, 409, 'AlreadyExists');
        else reply(response, 200, wanted);
        return;
      }
      isCut = true;
      response.writeHead(201, { 'Content-Length': 1000 }).write(JSON.stringify(body), () => {
        cut(response);
      });
    });
    assert.deepEqual(await createOnce(server.open(), configMaps, wanted, isOurs), wanted);
  });

  test('of a name that somebody else has taken is refused', async (t) => {
    const theirs = { ...wanted, data: { by: 'them' } };
    const server = await serveStore(t, () => 'answered', theirs);
    const isTaken = (error: unknown): boolean => error instanceof ClusterError && error.reason === 'AlreadyExists';
    await assert.rejects(createOnce(server.open(), configMaps, wanted, isOurs), isTaken);
    assert.equal(posts(server), 1);
  });

  test('that is refused is not sent again', async (t) => {
    const server = await serve(t, (_, response) => {
      refuse(response, 403, 'Forbidden');
    });
    await assert.rejects(createOnce(server.open(), configMaps, wanted, isOurs), /Forbidden/);
    assert.equal(server.received.length, 1);
  });

  test('is given up after a few tries', async (t) => {
    const server = await serveStore(t, () => 'lost before');
    await assert.rejects(createOnce(server.open(), configMaps, wanted, isOurs), { name: 'ClusterError', status: 0 });
    assert.ok(posts(server) > 2 && posts(server) < 10);
  });

  test('is not tried again after the signal', async (t) => {
    const stop = new AbortController();
    const server = await serveStore(t, () => {
      stop.abort(new Error('enough'));
      return 'lost before';
    });
    await assert.rejects(createOnce(server.open(), configMaps, wanted, isOurs, stop.signal));
    assert.equal(posts(server), 1);
  });
});
