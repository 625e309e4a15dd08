/** What is deleted of an import, and in which state, where somebody else gets in between. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { Content, KubeObject } from '../../../src/cluster/objects.ts';
import { importedContent, importedSnapshot } from '../../../src/restore/imported.ts';
import { tidy } from '../../../src/restore/running/tidy.ts';
import { refuse, reply, serve } from '../../api/server.ts';

const place = { operation: 'restore-7f3k2', namespace: 'kafka' };
const imported = { snapshot: 'data-0-restore-7f3k2', content: 'kafka-data-0-restore-7f3k2', handle: 'h', driver: 'd' };

interface World {
  /** Whether a patch is taken. */
  takesPatch: boolean;
  /** What somebody does before the server does this, or after. */
  before?: (call: string, content: Content) => void;
  after?: (call: string, content: Content) => void;
}

/** @returns every write, a deletion of the content with the policy that it had, and what is left */
async function tidied(
  t: TestContext,
  { takesPatch, before = () => undefined, after = () => undefined }: World,
  deletionPolicy: Content['spec']['deletionPolicy'] = 'Retain',
): Promise<{ writes: string[]; left: number; error: string }> {
  const made = importedContent(place, imported);
  const content: Content = { ...made, metadata: { ...made.metadata, uid: 'c', resourceVersion: '1' } };
  content.spec.deletionPolicy = deletionPolicy;
  const snapshot = importedSnapshot(place, imported);
  const objects: KubeObject[] = [content, { ...snapshot, metadata: { ...snapshot.metadata, uid: 's' } }];
  const writes: string[] = [];
  const watches: ServerResponse[] = [];
  const server = await serve(t, ({ method, path, query, body }, response) => {
    const [, plural = '', name] = /\/(volumesnapshot\w*)(?:\/([^/]+))?$/.exec(path) ?? [];
    const kind = plural === 'volumesnapshots' ? 'VolumeSnapshot' : 'VolumeSnapshotContent';
    const items = objects.filter((object) => object.kind === kind);
    const object = items.find(({ metadata }) => metadata.name === name);
    if (query.has('watch')) {
      response.writeHead(200).flushHeaders();
      watches.push(response);
      return;
    }
    if (name === undefined) {
      reply(response, 200, { apiVersion: 'v1', metadata: { resourceVersion: '1' }, items });
      return;
    }
    if (object === undefined) {
      refuse(response, 404, 'NotFound');
      return;
    }
    if (method !== 'GET') {
      const call = `${method} ${kind}`;
      before(call, content);
      const { preconditions = {}, metadata = {} } = body as Record<string, { resourceVersion?: string }>;
      const version = preconditions.resourceVersion ?? metadata.resourceVersion;
      if (version !== undefined && version !== object.metadata.resourceVersion) {
        refuse(response, 409, 'Conflict');
        return;
      }
      writes.push(object === content && method === 'DELETE' ? `${call} ${content.spec.deletionPolicy}` : call);
      if (method === 'PATCH' && takesPatch) change(content, 'Retain');
      if (method === 'DELETE') {
        objects.splice(objects.indexOf(object), 1);
        if (object !== content)
          for (const one of watches) one.write(`${JSON.stringify({ type: 'DELETED', object })}\n`);
      }
      after(call, content);
    }
    reply(response, 200, object);
  });
  const error = await tidy(server.open(), place, new AbortController().signal).then(() => '', String);
  return { writes, left: objects.length, error };
}

function change(content: Content, deletionPolicy: Content['spec']['deletionPolicy']): void {
  content.spec.deletionPolicy = deletionPolicy;
  content.metadata.resourceVersion = String(Number(content.metadata.resourceVersion) + 1);
}

describe('tidy', { timeout: 60_000 }, () => {
  const [unbind, drop] = ['DELETE VolumeSnapshot', 'DELETE VolumeSnapshotContent Retain'];

  test('deletes the snapshot, then its content, which is Retain', async (t) => {
    assert.deepEqual(await tidied(t, { takesPatch: true }), { writes: [unbind, drop], left: 0, error: '' });
    const owning = await tidied(t, { takesPatch: true }, 'Delete');
    assert.deepEqual(owning.writes, ['PATCH VolumeSnapshotContent', unbind, drop]);
  });

  test('deletes nothing where the content does not become Retain, as by a webhook of somebody', async (t) => {
    const { left, error } = await tidied(t, { takesPatch: false }, 'Delete');
    assert.equal(left, 2);
    assert.match(error, /doesn't become Retain: with it the snapshot on storage would go/);
  });

  test('looks again once the snapshot is gone: somebody may have made the content Delete', async (t) => {
    const after: World['after'] = (call, content) => {
      if (call === unbind) change(content, 'Delete');
    };
    const { writes, left } = await tidied(t, { takesPatch: true, after });
    assert.deepEqual([writes, left], [[unbind, 'PATCH VolumeSnapshotContent', drop], 0]);
  });

  test('never deletes a content that has changed since it was seen to be Retain', async (t) => {
    let times = 0;
    const before: World['before'] = (call, content) => {
      if (call === 'DELETE VolumeSnapshotContent' && times++ === 0) change(content, 'Delete');
    };
    const { writes, left } = await tidied(t, { takesPatch: true, before });
    assert.deepEqual([writes, left], [[unbind, 'PATCH VolumeSnapshotContent', drop], 0]);
  });
});
