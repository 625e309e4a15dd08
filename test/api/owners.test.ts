import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ownerExists } from '../../src/cluster/owners.ts';
import type { Answer, ApiServer } from './server.ts';
import { refuse, reply, serve } from './server.ts';

const owner = { apiVersion: 'kafka.strimzi.io/v1', kind: 'Kafka', name: 'es', uid: 'u1' };
const kinds = [
  { name: 'kafkas/status', kind: 'Kafka', namespaced: true },
  { name: 'kafkas', kind: 'Kafka', namespaced: true },
  { name: 'realms', kind: 'Realm', namespaced: false },
];

/** An API with one Kafka, one Realm and one ConfigMap, all called es and with the uid u1. */
const api: Answer = ({ path }, response) => {
  const found: Record<string, object> = {
    '/apis/kafka.strimzi.io/v1': { resources: kinds },
    '/api/v1': { resources: [{ name: 'configmaps', kind: 'ConfigMap', namespaced: true }] },
    '/apis/kafka.strimzi.io/v1/namespaces/kafka/kafkas/es': { metadata: { name: 'es', uid: 'u1' } },
    '/apis/kafka.strimzi.io/v1/realms/es': { metadata: { name: 'es', uid: 'u1' } },
    '/api/v1/namespaces/kafka/configmaps/es': { metadata: { name: 'es', uid: 'u1' } },
  };
  const body = found[path];
  if (body === undefined) refuse(response, 404, 'NotFound');
  else reply(response, 200, body);
};

const lives = (server: ApiServer, parts: Partial<typeof owner> = {}): Promise<boolean> =>
  ownerExists(server.open(), { ...owner, ...parts }, 'kafka');

describe('an owner lives', { concurrency: true }, () => {
  test('when an object of its kind, name and uid exists, namespaced or not, of any group', async (t) => {
    const server = await serve(t, api);
    assert.ok(await lives(server));
    assert.ok(await lives(server, { kind: 'Realm' }));
    assert.ok(await lives(server, { apiVersion: 'v1', kind: 'ConfigMap' }));
  });

  test('no more when it was made again, deleted, or its kind is gone', async (t) => {
    const server = await serve(t, api);
    assert.ok(!(await lives(server, { uid: 'u2' })));
    assert.ok(!(await lives(server, { name: 'other' })));
    assert.ok(!(await lives(server, { kind: 'Topic' })));
    assert.ok(!(await lives(server, { apiVersion: 'gone.io/v1' })));
  });

  test('for all that we know when we may not read it', async (t) => {
    const server = await serve(t, (request, response) => {
      if (request.path.endsWith('/es')) refuse(response, 403, 'Forbidden');
      else api(request, response);
    });
    assert.ok(await lives(server));
  });

  test('or not: nobody knows when the server fails, and nothing is dropped for it', async (t) => {
    const server = await serve(t, (_, response) => {
      refuse(response, 500, 'InternalError');
    });
    await assert.rejects(lives(server), /InternalError/);
  });
});
