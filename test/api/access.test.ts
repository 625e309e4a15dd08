import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Right } from '../../src/cluster/access.ts';
import { missingRights } from '../../src/cluster/access.ts';
import { snapshots, statefulSets, volumes } from '../../src/cluster/resources.ts';
import type { Answer } from './server.ts';
import { reply, serve } from './server.ts';

const rights: Right[] = [
  { verb: 'create', resource: snapshots, namespace: 'kafka' },
  { verb: 'patch', resource: volumes },
  { verb: 'patch', resource: statefulSets, subresource: 'scale', namespace: 'kafka' },
];

interface Review {
  spec: { resourceAttributes: Record<string, string> };
}

/** Allows creates; has no opinion on the rest, as a server says it: without `allowed`. */
const reviewer: Answer = ({ body }, response) => {
  const { verb } = (body as Review).spec.resourceAttributes;
  reply(response, 201, { status: verb === 'create' ? { allowed: true } : {} });
};

test('every missing right is a finding, in words that an administrator can use', async (t) => {
  const cluster = (await serve(t, reviewer)).open();
  const findings = await missingRights(cluster, rights);
  assert.deepEqual(
    findings.map(({ about, problem }) => `${about} ${problem}`),
    ['you may not patch persistentvolumes', 'you may not patch statefulsets.apps/scale in namespace kafka'],
  );
  assert.deepEqual(await missingRights(cluster, rights.slice(0, 1)), []);
  assert.deepEqual(await missingRights(cluster, []), []);
});

test('each right is asked for once, with everything that it is about, and all at once', async (t) => {
  const held: (() => void)[] = [];
  const server = await serve(t, (request, response) => {
    held.push(() => {
      reviewer(request, response);
    });
    if (held.length === rights.length) for (const answer of held) answer();
  });
  await missingRights(server.open(), rights);
  assert.deepEqual(
    server.received.map(({ body }) => (body as Review).spec.resourceAttributes),
    [
      {
        verb: 'create',
        group: 'snapshot.storage.k8s.io',
        version: 'v1',
        resource: 'volumesnapshots',
        namespace: 'kafka',
      },
      { verb: 'patch', group: '', version: 'v1', resource: 'persistentvolumes' },
      {
        verb: 'patch',
        group: 'apps',
        version: 'v1',
        resource: 'statefulsets',
        subresource: 'scale',
        namespace: 'kafka',
      },
    ],
  );
});
