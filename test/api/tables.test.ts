import assert from 'node:assert/strict';
import { test } from 'node:test';
import { snapshots } from '../../src/cluster/resources.ts';
import { documentOf, pagesOf, tableIn } from '../../src/cluster/tables.ts';
import { reply, serve } from './server.ts';

const columnDefinitions = [{ name: 'Name', type: 'string', priority: 0 }];
const row = (name: string): object => ({ cells: [name], object: { metadata: { name } } });
const scope = { namespace: 'kafka', chunkSize: 500 };

test('a long list comes page by page, each asked for as a Table', async (t) => {
  const server = await serve(t, ({ query }, response) => {
    const page = Number(query.get('continue') ?? '1');
    const metadata = page === 3 ? {} : { continue: String(page + 1) };
    reply(response, 200, { kind: 'Table', metadata, columnDefinitions, rows: [row(`vs-${page}`)] });
  });
  const pages = await Array.fromAsync(pagesOf(server.open(), snapshots, scope, { as: 'tables', rows: 'None' }));
  const names = pages.map((page) => tableIn(page)?.rows.map(({ cells }) => cells));
  assert.deepEqual(names, [[['vs-1']], [['vs-2']], [['vs-3']]]);
  for (const { headers, query } of server.received) {
    assert.match(headers.accept ?? '', /^application\/json;as=Table;v=v1;g=meta\.k8s\.io,/);
    assert.equal(query.get('limit'), '500');
    assert.equal(query.get('includeObject'), 'None');
  }
});

test('a page is asked for only when the one before has been taken', async (t) => {
  const server = await serve(t, (_, response) => {
    reply(response, 200, { kind: 'Table', metadata: { continue: 'more' }, columnDefinitions, rows: [row('vs')] });
  });
  for await (const page of pagesOf(server.open(), snapshots, scope, { as: 'tables' })) {
    assert.equal(tableIn(page)?.rows.length, 1);
    break;
  }
  assert.equal(server.received.length, 1);
});

test('all objects at once, as they are', async (t) => {
  const server = await serve(t, (_, response) => {
    reply(response, 200, { kind: 'VolumeSnapshotList', metadata: {}, items: [] });
  });
  const pages = await Array.fromAsync(pagesOf(server.open(), snapshots, { ...scope, chunkSize: 0 }, { as: 'objects' }));
  assert.deepEqual(pages.map(tableIn), [undefined]);
  assert.equal(server.received[0]?.query.has('limit'), false);
});

test('nothing is an empty Table', async (t) => {
  const server = await serve(t, (_, response) => {
    reply(response, 200, { kind: 'Table', metadata: { continue: '' }, columnDefinitions, rows: null });
  });
  const where = { name: 'a', namespace: 'kafka' };
  const table = tableIn(await documentOf(server.open(), snapshots, where, { as: 'tables' }));
  assert.deepEqual(table, { columns: columnDefinitions, rows: [] });
});

test('whole numbers keep all their digits', async (t) => {
  const cutAt = '1699999999123456789';
  const server = await serve(t, (_, response) => {
    const text = `{"kind":"VolumeSnapshot","status":{"creationTime":${cutAt},"restoreSize":1024}}`;
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(text);
  });
  const { status } = await documentOf(server.open(), snapshots, { name: 'a', namespace: 'kafka' }, { as: 'objects' });
  assert.deepEqual(status, { creationTime: BigInt(cutAt), restoreSize: 1024 });
});
