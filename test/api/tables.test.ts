import assert from 'node:assert/strict';
import { test } from 'node:test';
import { snapshots } from '../../src/cluster/resources.ts';
import { tableOf, tablePages } from '../../src/cluster/tables.ts';
import { reply, serve } from './server.ts';

const columnDefinitions = [{ name: 'Name', type: 'string', priority: 0 }];
const row = (name: string): object => ({ cells: [name], object: { metadata: { name } } });

test('a long list comes page by page, each asked for as a Table', async (t) => {
  const server = await serve(t, ({ query }, response) => {
    const page = Number(query.get('continue') ?? '1');
    const metadata = page === 3 ? {} : { continue: String(page + 1) };
    // The server repeats the columns on the first page alone.
    reply(response, 200, {
      metadata,
      columnDefinitions: page === 1 ? columnDefinitions : null,
      rows: [row(`vs-${page}`)],
    });
  });
  const pages = await Array.fromAsync(tablePages(server.open(), snapshots, { namespace: 'kafka' }));
  assert.deepEqual(
    pages.map(({ rows }) => rows.map(({ cells }) => cells)),
    [[['vs-1']], [['vs-2']], [['vs-3']]],
  );
  assert.deepEqual(
    pages.map(({ columns }) => columns),
    [columnDefinitions, [], []],
  );
  for (const { headers, query } of server.received) {
    assert.match(headers.accept ?? '', /^application\/json;as=Table;v=v1;g=meta\.k8s\.io,/);
    assert.equal(query.get('limit'), '500');
  }
});

test('a page is asked for only when the one before has been taken', async (t) => {
  const server = await serve(t, (_, response) => {
    reply(response, 200, { metadata: { continue: 'more' }, columnDefinitions, rows: [row('vs')] });
  });
  for await (const page of tablePages(server.open(), snapshots, {})) {
    assert.equal(page.rows.length, 1);
    break;
  }
  assert.equal(server.received.length, 1);
});

test('nothing is an empty page', async (t) => {
  const server = await serve(t, (_, response) => {
    reply(response, 200, { metadata: { continue: '' }, columnDefinitions, rows: null });
  });
  const cluster = server.open();
  const empty = { columns: columnDefinitions, rows: [] };
  assert.deepEqual(await Array.fromAsync(tablePages(cluster, snapshots, {})), [empty]);
  assert.deepEqual(await tableOf(cluster, snapshots, 'a', 'kafka'), empty);
});
