import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { Lease } from '../../src/cluster/objects.ts';
import { RefusedError } from '../../src/errors.ts';
import { acquireLock } from '../../src/restore/running/lock.ts';
import type { ApiServer } from '../api/server.ts';
import { refuse, reply, serve } from '../api/server.ts';

const plan = { namespace: 'kafka', operation: 'restore-7f3k2' };

/** Somebody else's, renewed a minute ago: by our clock. */
const stale = (leaseDurationSeconds: number): Lease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'pvsnap', namespace: 'kafka', uid: 'u', resourceVersion: '7' },
  spec: {
    holderIdentity: 'jane@laptop restore-x',
    leaseDurationSeconds,
    renewTime: new Date(Date.now() - 60_000).toISOString(),
  },
});

/** For what must come before it has run out: a starved machine stands still for seconds. */
const outlasting = stale(10);

/** The Lease is there; `onWatch` has the watch on it in its hand. */
async function serveLease(
  t: TestContext,
  present: Lease,
  onWatch: (watch: ServerResponse) => void,
): Promise<ApiServer> {
  let lease = present;
  return serve(t, ({ method, query, path, body }, response) => {
    if (query.has('watch')) {
      response.writeHead(200).flushHeaders();
      onWatch(response);
    } else if (method === 'POST') refuse(response, 409, 'AlreadyExists');
    else if (method === 'GET' && !path.endsWith('/pvsnap')) {
      reply(response, 200, { apiVersion: lease.apiVersion, metadata: { resourceVersion: '9' }, items: [lease] });
    } else {
      if (method === 'PATCH') lease = { ...lease, ...(body as Pick<Lease, 'spec'>), metadata: lease.metadata };
      reply(response, 200, lease);
    }
  });
}

const patches = ({ received }: ApiServer): unknown[] =>
  received.filter(({ method }) => method === 'PATCH').map(({ body }) => body);

describe('a Lease that looks expired', { concurrency: true, timeout: 60_000 }, () => {
  test('is taken over when it stays as it is for its whole duration, and only as it was seen', async (t) => {
    const told: string[] = [];
    const server = await serveLease(t, stale(1), () => undefined);
    const startedMs = performance.now();
    const lock = await acquireLock(server.open(), plan, new AbortController().signal, (detail) => told.push(detail));
    assert.ok(performance.now() - startedMs >= 990);
    assert.match(told.join(), /jane@laptop restore-x looks expired/);
    const [patch] = patches(server) as Lease[];
    assert.equal(patch?.metadata.resourceVersion, '7');
    assert.match(patch.spec?.holderIdentity ?? '', /restore-7f3k2 \w{4}$/);
    await lock.release();
  });

  test('is left alone when its holder, whose clock is behind, renews it', async (t) => {
    const server = await serveLease(t, outlasting, (watch) => {
      const object = { ...outlasting, metadata: { ...outlasting.metadata, resourceVersion: '8' } };
      watch.write(`${JSON.stringify({ type: 'MODIFIED', object })}\n`);
    });
    const taking = acquireLock(server.open(), plan, new AbortController().signal, () => undefined);
    await assert.rejects(taking, (error) => error instanceof RefusedError && error.message.includes('jane@laptop'));
    assert.deepEqual(patches(server), []);
  });

  test('is left alone after the signal', async (t) => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const server = await serveLease(t, outlasting, () => {
      stop.abort(reason);
    });
    await assert.rejects(
      acquireLock(server.open(), plan, stop.signal, () => undefined),
      (error) => error === reason,
    );
    assert.deepEqual(patches(server), []);
  });
});
