import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import { configMaps } from '../../src/cluster/resources.ts';
import { ClusterError } from '../../src/errors.ts';
import type { Answer } from './server.ts';
import { cut, refuse, reply, serve } from './server.ts';
import { configMap } from './watched.ts';

const options = { concurrency: true, timeout: 60_000 };
const object = configMap('a', '1');
const found: Answer = (_, response) => {
  reply(response, 200, object);
};
const isClusterError = (error: unknown): boolean => error instanceof ClusterError;

describe('connections', options, () => {
  for (const tls of [false, true]) {
    test(`are as many as there are requests at once, up to 128, and one for 100 in a row${tls ? ', with TLS' : ''}`, async (t) => {
      const server = await serve(t, found, { tls });
      const burst = server.open();
      await Promise.all(Array.from({ length: 300 }, () => burst.get(configMaps, 'a', 'kafka')));
      const atOnce = server.sockets.length;
      assert.ok(atOnce > 32 && atOnce <= 128, String(atOnce));
      const row = server.open();
      for (let index = 0; index < 100; index++) await row.get(configMaps, 'a', 'kafka');
      assert.equal(server.sockets.length - atOnce, 1);
    });
  }

  test('are closed with the cluster', async (t) => {
    const server = await serve(t, found);
    const cluster = server.open();
    await cluster.get(configMaps, 'a', 'kafka');
    const closed = new Promise((resolve) => server.sockets[0]?.once('close', resolve));
    cluster.close();
    await closed;
  });

  test('that the server closed between two requests are replaced', async (t) => {
    const server = await serve(t, (_, response) => {
      const { socket } = response;
      response.once('finish', () => socket?.end());
      reply(response, 200, object);
    });
    const cluster = server.open();
    for (let index = 0; index < 20; index++) await cluster.get(configMaps, 'a', 'kafka');
    assert.ok(server.sockets.length > 1);
  });

  test('that were all forgotten by something in between are replaced at the first that fails', async (t) => {
    const held: ServerResponse[] = [];
    const server = await serve(t, ({ turn }, response) => {
      if (turn > 1) cut(response);
      else if (server.received.length > 8) reply(response, 200, object);
      else if (held.push(response) === 8) for (const one of held) reply(one, 200, object);
    });
    const cluster = server.open();
    const get = (): Promise<unknown> => cluster.get(configMaps, 'a', 'kafka');
    await Promise.all(Array.from({ length: 8 }, get));
    assert.equal(server.sockets.length, 8);
    await get();
    // Counted, as a starved machine may take any time: the one that was cut, and the one that was answered.
    assert.ok(server.received.length <= 8 + 2, `${server.received.length} requests`);
  });
});

describe('an answer that is lost', options, () => {
  test('is asked for again when nothing was changed by asking', async (t) => {
    const server = await serve(t, ({ turn }, response) => {
      if (turn === 2) cut(response);
      else reply(response, 200, object);
    });
    const cluster = server.open();
    for (let index = 0; index < 3; index++) assert.deepEqual(await cluster.get(configMaps, 'a', 'kafka'), object);
  });

  test('of a create is left to whoever sent it', async (t) => {
    const server = await serve(t, ({ method }, response) => {
      if (method === 'POST') cut(response);
      else reply(response, 200, object);
    });
    const cluster = server.open();
    await cluster.get(configMaps, 'a', 'kafka');
    await assert.rejects(
      cluster.create(configMaps, object),
      (error) => error instanceof ClusterError && error.status === 0,
    );
    assert.equal(server.received.filter(({ method }) => method === 'POST').length, 1);
  });

  test('in the middle of its body is lost too', async (t) => {
    const server = await serve(t, (_, response) => {
      if (server.received.length !== 2) {
        reply(response, 200, object);
        return;
      }
      response.writeHead(200, { 'Content-Length': 1000 }).write('{"half":', () => {
        cut(response);
      });
    });
    const cluster = server.open();
    await cluster.get(configMaps, 'a', 'kafka');
    assert.deepEqual(await cluster.get(configMaps, 'a', 'kafka'), object);
  });

  test('in the middle of its body is a ClusterError for a create', async (t) => {
    const server = await serve(t, (_, response) => {
      response.writeHead(201, { 'Content-Length': 1000 }).write('{"half":', () => {
        cut(response);
      });
    });
    await assert.rejects(
      server.open().create(configMaps, object),
      (error) => error instanceof ClusterError && error.status === 0,
    );
  });

  test('within --request-timeout is said as kubectl says it', async (t) => {
    const server = await serve(t, () => undefined);
    const cluster = server.open({ 'request-timeout': '3s' });
    await assert.rejects(
      cluster.get(configMaps, 'a', 'kafka'),
      /^ClusterError: Unable to connect to the server: net\/http: request canceled \(Client\.Timeout/,
    );
  });

  test('because nobody listens is said as kubectl says it, at once', async (t) => {
    const server = await serve(t, found);
    const startedMs = performance.now();
    const nobody = server.open({ server: 'http://127.0.0.1:1' });
    await assert.rejects(nobody.get(configMaps, 'a', 'kafka'), {
      name: 'ClusterError',
      message: 'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
    });
    // Waiting for a server that restarts takes 20 s.
    assert.ok(performance.now() - startedMs < 10_000);
  });
});

describe('a server under load', options, () => {
  const busyFor = (times: number, headers: object): Answer => {
    let left = times;
    return ({ body }, response) => {
      if (left-- > 0) refuse(response, 429, 'TooManyRequests', headers);
      else reply(response, 200, body === undefined ? object : (body as object));
    };
  };

  test('is asked again when it says so, also with a create, and the body is sent again', async (t) => {
    const server = await serve(t, busyFor(3, { 'Retry-After': '0' }));
    assert.deepEqual(await server.open().create(configMaps, object), object);
    assert.equal(server.received.length, 4);
  });

  test('is given the time that it asks for', async (t) => {
    const server = await serve(t, busyFor(1, { 'Retry-After': '1' }));
    const startedMs = performance.now();
    await server.open().get(configMaps, 'a', 'kafka');
    assert.ok(performance.now() - startedMs >= 990);
  });

  test('that doesn’t say when is not asked again', async (t) => {
    const server = await serve(t, busyFor(1, {}));
    await assert.rejects(server.open().get(configMaps, 'a', 'kafka'), /TooManyRequests/);
    assert.equal(server.received.length, 1);
  });

  test('that stays so is given up', async (t) => {
    const server = await serve(t, busyFor(1000, { 'Retry-After': '0' }));
    await assert.rejects(server.open().get(configMaps, 'a', 'kafka'), /TooManyRequests/);
    assert.ok(server.received.length < 20);
  });

  test('is not waited for after the signal', async (t) => {
    const server = await serve(t, (_, response) => {
      refuse(response, 429, 'TooManyRequests', { 'Retry-After': '100' });
      stop.abort();
    });
    const stop = new AbortController();
    const request = { method: 'GET', path: '/', signal: stop.signal } as const;
    await assert.rejects(server.open().send(request), { name: 'AbortError' });
  });
});

describe('what is sent', options, () => {
  test('carries the token and who is impersonated; the trace shows neither', async (t) => {
    const server = await serve(t, found, { tls: true });
    const trace: string[] = [];
    const flags = { as: 'jane', 'as-group': ['a', 'b'], 'as-uid': '7', 'as-user-extra': ['scope=x', 'scope=y=z'] };
    await server.open(flags, (line) => trace.push(line)).get(configMaps, 'a b?c', 'kafka');
    const [{ headers, path } = never()] = server.received;
    assert.equal(path, '/api/v1/namespaces/kafka/configmaps/a%20b%3Fc');
    assert.deepEqual(
      ['authorization', 'impersonate-user', 'impersonate-group', 'impersonate-uid', 'impersonate-extra-scope'].map(
        (name) => headers[name],
      ),
      ['Bearer secret-token', 'jane', 'a, b', '7', 'x, y=z'],
    );
    assert.equal(trace.length, 1);
    assert.match(trace[0] ?? '', /^GET https:\/\/127\.0\.0\.1:\d+\/api\/v1\/.* 200 in \d+ ms$/);
  });

  test('says in the body that a deletion is a dry run: the server reads no query beside it', async (t) => {
    const server = await serve(t, found);
    await server.open().delete(configMaps, { name: 'a', namespace: 'kafka' }, { uid: '1' }, { dryRun: true });
    const [{ body } = never()] = server.received;
    assert.deepEqual(body, {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid: '1' },
      dryRun: ['All'],
    });
  });

  test('can be taken back by a signal', async (t) => {
    const stop = new AbortController();
    const server = await serve(t, () => {
      stop.abort();
    });
    await assert.rejects(server.open().send({ method: 'GET', path: '/', signal: stop.signal }), { name: 'AbortError' });
  });
});

describe('what isn’t an answer of an API server', options, () => {
  test('is a ClusterError with kubectl’s words: an error page of a proxy', async (t) => {
    const server = await serve(t, (_, response) => response.writeHead(418).end('<html>no way</html>'));
    await assert.rejects(server.open().get(configMaps, 'a', 'kafka'), {
      name: 'ClusterError',
      status: 418,
      message:
        'Error from server: the server responded with the status code 418 but did not return more information (get configmaps a)',
    });
  });

  test('is a ClusterError too when a portal answers 200 with its login page', async (t) => {
    const server = await serve(t, (_, response) => response.writeHead(200).end('<html>sign in</html>'));
    await assert.rejects(server.open().get(configMaps, 'a', 'kafka'), isClusterError);
    await assert.rejects(server.open().list(configMaps, { namespace: 'kafka' }), isClusterError);
  });
});

test('a list is read page by page, and its items know their kind', async (t) => {
  const { metadata } = object;
  const server = await serve(t, ({ query }, response) => {
    const next = { one: 'two', two: '' }[query.get('continue') ?? ''] ?? 'one';
    const items = query.has('continue') ? [{ metadata: { ...metadata, name: query.get('continue') } }] : null;
    reply(response, 200, { apiVersion: 'v1', kind: 'ConfigMapList', metadata: { continue: next }, items });
  });
  const list = await server.open().list(configMaps, { namespace: 'kafka', labelSelector: 'a=b' });
  const item = (name: string): object => ({ ...object, metadata: { ...metadata, name } });
  assert.deepEqual(list, [item('one'), item('two')]);
  assert.deepEqual(
    server.received.map(({ query }) => `${query.get('limit') ?? ''} ${query.get('labelSelector') ?? ''}`),
    ['500 a=b', '500 a=b', '500 a=b'],
  );
});

test('an answer is whole, whatever its chunks', async (t) => {
  const answer = { text: 'Größe 容量 😀'.repeat(50) };
  const server = await serve(t, (_, response) => {
    for (const byte of Buffer.from(JSON.stringify(answer))) response.write(Uint8Array.of(byte));
    response.end();
  });
  assert.deepEqual(await server.open().ask({ method: 'GET', path: '/' }), answer);
});

function never(): never {
  throw new Error('no request has arrived');
}
