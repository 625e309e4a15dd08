/** What is sent again, how often, and when the time is up. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { describe, test } from 'node:test';
import { HttpsProxyAgent } from 'https-proxy-agent';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { createOnce } from '../../src/cluster/create-once.ts';
import { limitsOf } from '../../src/cluster/patience.ts';
import { configMaps } from '../../src/cluster/resources.ts';
import { limitTime } from '../../src/cluster/transport/time-limit.ts';
import type { Answer } from './server.ts';
import { refuse, reply, serve } from './server.ts';
import { configMap } from './watched.ts';

const options = { concurrency: true, timeout: 60_000 };
// Limits here leave seconds to what must come before they strike: a starved machine stands still that long.
const object = configMap('a', '1');

describe('a server that says when to come back', options, () => {
  const restartingFor = (times: number): Answer => {
    let left = times;
    return (_, response) => {
      if (left-- > 0) refuse(response, 503, 'ServiceUnavailable', { 'Retry-After': '0' });
      else reply(response, 200, object);
    };
  };
  const verbs: Record<string, (cluster: Cluster) => Promise<unknown>> = {
    get: (cluster) => cluster.get(configMaps, 'a', 'kafka'),
    create: (cluster) => cluster.create(configMaps, object),
    patch: (cluster) => cluster.patch(configMaps, object.metadata, { data: {} }),
    delete: (cluster) => cluster.delete(configMaps, object.metadata, {}),
    watch: (cluster) => cluster.send({ method: 'GET', path: '/', streaming: true }),
  };
  for (const [verb, ask] of Object.entries(verbs)) {
    test(`is asked again ten times, from the first answer on: ${verb}`, async (t) => {
      const server = await serve(t, restartingFor(10));
      await ask(server.open());
      assert.equal(server.received.length, 11);
    });

    test(`is not asked an eleventh time: ${verb}`, async (t) => {
      const server = await serve(t, restartingFor(11));
      await assert.rejects(ask(server.open()), { name: 'ClusterError', status: 503 });
      assert.equal(server.received.length, 11);
    });
  }

  test('is not asked at once when no timer can hold the time', async (t) => {
    const stop = new AbortController();
    const server = await serve(t, (_, response) => {
      refuse(response, 503, 'ServiceUnavailable', { 'Retry-After': '99999999' });
      setTimeout(() => {
        stop.abort();
      }, 500);
    });
    await assert.rejects(server.open().send({ method: 'GET', path: '/', signal: stop.signal }), { name: 'AbortError' });
    assert.equal(server.received.length, 1);
  });
});

describe('--request-timeout', options, () => {
  test('ends what was asked, and nothing is tried again: neither a read nor a create', async (t) => {
    const server = await serve(t, ({ path }, response) => {
      if (path.endsWith('/first')) reply(response, 200, object);
    });
    const cluster = server.open({ 'request-timeout': '4s' });
    const isTimeUp = { name: 'ClusterError', message: /Client\.Timeout exceeded while awaiting headers/ };
    await cluster.get(configMaps, 'first', 'kafka');
    const create = createOnce(cluster, configMaps, object, () => true);
    await Promise.all([
      assert.rejects(cluster.get(configMaps, 'a', 'kafka'), isTimeUp),
      assert.rejects(create, isTimeUp),
    ]);
    assert.equal(server.received.length, 3);
  });

  test('is for all attempts together', async (t) => {
    const server = await serve(t, (_, response) => {
      refuse(response, 429, 'TooManyRequests', { 'Retry-After': '4' });
    });
    const startedAtMs = performance.now();
    const cluster = server.open({ 'request-timeout': '7s' });
    await assert.rejects(cluster.get(configMaps, 'a', 'kafka'), /Wait returned an error: context deadline exceeded/);
    assert.ok(performance.now() - startedAtMs >= 6950);
    assert.equal(server.received.length, 2);
  });
});

describe('a connection that hangs without a byte', options, () => {
  const silence = (request: Partial<Parameters<typeof limitsOf>[0]>, timeoutMs?: number): number =>
    limitsOf({ method: 'GET', path: '/', ...request }, timeoutMs).silenceMs;

  test('is ended only where --request-timeout says nothing', () => {
    for (const request of [{}, { method: 'PATCH' }, { method: 'DELETE' }, { method: 'POST' }] as const) {
      // An API server says after 60 s that it couldn't: that must still be heard.
      assert.ok(silence(request) > 60_000 && silence(request) < 300_000);
      assert.equal(silence(request, 0), Infinity);
      assert.equal(silence(request, 1000), Infinity);
    }
    assert.equal(silence({ streaming: true }), Infinity);
  });

  test('counts as lost after that time, before the head of the answer', async (t) => {
    const server = await serve(t, () => undefined);
    const outgoing = http.request(server.address);
    outgoing.on('error', () => undefined);
    limitTime(outgoing, { endsAtMs: Infinity, silenceMs: 2000 });
    outgoing.end();
    await assert.rejects(once(outgoing, 'response'), /did not answer within 2 s/);
  });

  test('counts as lost after that time, after the head of the answer', async (t) => {
    const server = await serve(t, (_, response) => {
      response.writeHead(200).flushHeaders();
    });
    const outgoing = http.request(server.address);
    outgoing.on('error', () => undefined);
    limitTime(outgoing, { endsAtMs: Infinity, silenceMs: 4000 });
    outgoing.end();
    const [response] = (await once(outgoing, 'response')) as [http.IncomingMessage];
    await assert.rejects(once(response, 'end'), { code: 'ECONNRESET' });
  });

  test('counts as lost too while a proxy says nothing', async (t) => {
    const sockets: net.Socket[] = [];
    const proxy = net.createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    t.after(() => {
      sockets.forEach((socket) => socket.destroy());
      proxy.close();
    });
    const { port } = proxy.address() as net.AddressInfo;
    const agent = new HttpsProxyAgent(`http://127.0.0.1:${port}`);
    const outgoing = https.request('https://127.0.0.1:1/', { agent });
    outgoing.on('error', () => undefined);
    limitTime(outgoing, { endsAtMs: Infinity, silenceMs: 2000 });
    outgoing.end();
    await assert.rejects(once(outgoing, 'response'), /did not answer within 2 s/);
    agent.destroy();
  });

  test('is none while bytes come', async (t) => {
    const server = await serve(t, (_, response) => {
      let left = 12;
      const drip = setInterval(() => {
        response.write('x');
        if (--left > 0) return;
        clearInterval(drip);
        response.end();
      }, 400);
    });
    const outgoing = http.request(server.address);
    limitTime(outgoing, { endsAtMs: Infinity, silenceMs: 4000 });
    outgoing.end();
    const [response] = (await once(outgoing, 'response')) as [http.IncomingMessage];
    await response.toArray();
    assert.ok(response.complete);
  });
});
