/** `get sets -w`, and colours: what people look at while a set is being taken. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { Finished, TestNamespace } from '../cluster/namespace.ts';
import { openClaims, snapshotsIn } from './claims.ts';
import { pvsnap, start } from './program.ts';
import { startOnTerminal } from './terminal.ts';

interface Watcher {
  /** Resolves when the server has answered its watch; asked for with -v=6, which traces that. */
  isOpen(): Promise<void>;
  /** Resolves when stdout has matched. */
  shows(pattern: RegExp): Promise<void>;
  /** As Ctrl-C does it. */
  stop(): Promise<Finished>;
}

function watchSets(namespace: TestNamespace, ...flags: string[]): Watcher {
  const running = start(namespace, 'get', 'sets', ...flags);
  const { child, finished } = running;
  let stdout = '';
  child.stdout.on('data', (text: string) => (stdout += text));
  return {
    isOpen: () => running.says(/[?&]watch=true\S* 200 /),
    shows: async (pattern) => {
      while (!pattern.test(stdout)) await Promise.race([once(child.stdout, 'data'), failure(finished)]);
    },
    stop: () => {
      child.kill('SIGINT');
      return finished;
    },
  };
}

async function failure(finished: Promise<Finished>): Promise<never> {
  throw new Error(`the watch has ended: ${JSON.stringify(await finished)}`);
}

/** `older` stands, of a; b is still without a set. */
async function layOut(t: TestContext): Promise<TestNamespace> {
  const namespace = await openClaims(t, ['a', 'b']);
  await pvsnap(namespace, 'create', 'pvc/a', '--name', 'older');
  return namespace;
}

describe('get sets -w', { concurrency: 2 }, () => {
  test('shows what there is, and a set’s new row whenever a member changes', async (t) => {
    const namespace = await layOut(t);
    const watch = watchSets(namespace, '-w', '-o', 'wide');
    await watch.shows(/^older .* complete/m);
    // Changes that come at once are one row: none is ready before the first row stands.
    await namespace.knob({ snapshotHang: true });
    const { finished } = start(namespace, 'create', 'pvc/a', 'pvc/b', '--name', 'newer');
    await watch.shows(/^newer +\S+ +0\/2 /m);
    await namespace.knob({});
    assert.equal((await finished).code, 0);
    await watch.shows(/^newer .* 2\/2 .* complete/m);
    const [first] = await snapshotsIn(namespace, '-l', 'pvsnap.io/set=newer');
    await namespace.kubectl('delete', 'volumesnapshot', first?.metadata.name ?? '');
    await watch.shows(/^newer .* 1\/2 .* incomplete: 1 snapshots? (is|are) gone/m);

    const { stdout, stderr, code } = await watch.stop();
    const [header, ...rows] = stdout.trimEnd().split('\n');
    assert.match(header ?? '', /^NAME +TARGET +VOLUMES/);
    assert.equal(rows.filter((row) => row.startsWith('older ')).length, 1);
    const counts = rows.flatMap((row) => /^newer +\S+ +(\d\/\d) /.exec(row)?.[1] ?? []);
    assert.deepEqual([counts[0], counts.includes('2/2'), counts.at(-1)], ['0/2', true, '1/2']);
    const withoutAges = rows.map((row) => row.replace(/ \d+s +pvsnap/, ' pvsnap').replaceAll(/ +/g, ' '));
    assert.equal(new Set(withoutAges).size, withoutAges.length, 'a row that shows nothing new');
    assert.deepEqual([stderr, code], ['', 1]);
  });

  test('says what kind of change it was, of one set and in JSON too', async (t) => {
    const namespace = await layOut(t);
    const ofOne = watchSets(namespace, 'older', '-w', '--output-watch-events');
    const inJson = watchSets(namespace, '--watch-only', '--output-watch-events', '-o', 'json', '-v=6');
    const labelled = watchSets(namespace, '-w', '-l', 'app=x', '-o', 'name', '--output-watch-events');
    await ofOne.shows(/^ADDED +older/m);
    await inJson.isOpen();
    await pvsnap(namespace, 'create', 'pvc/b', '--name', 'newer');
    await inJson.shows(/"complete":true/);
    await namespace.kubectl('label', 'vs', '--all', 'app=x');
    await labelled.shows(/snapshotset\/older\n/);
    await namespace.kubectl('delete', 'vs', '--all');
    await ofOne.shows(/^DELETED +older/m);
    await inJson.shows(/"DELETED"[^]*"DELETED"/);

    const one = await ofOne.stop();
    assert.doesNotMatch(one.stdout, /newer/);
    const events = (await inJson.stop()).stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; object: { metadata: { name: string } } });
    const of = (name: string): string[] =>
      events.filter(({ object }) => object.metadata.name === name).map((e) => e.type);
    assert.deepEqual([of('newer')[0], of('newer').at(-1), of('older').at(-1)], ['ADDED', 'DELETED', 'DELETED']);
    assert.ok(!of('older').includes('ADDED'));
    assert.match((await labelled.stop()).stdout, /snapshotset\/newer\n/);
  });
});

describe('get sets, as kubectl would', { concurrency: 2 }, () => {
  test('takes selectors, sorting, columns and labels; a selected set is whole', async (t) => {
    const namespace = await layOut(t);
    await pvsnap(namespace, 'create', 'pvc/a', 'pvc/b', '--name', 'newer');
    const [first] = await snapshotsIn(namespace, '-l', 'pvsnap.io/set=newer');
    await namespace.kubectl('label', 'vs', first?.metadata.name ?? '', 'app=x');
    const get = async (...flags: string[]): Promise<string> =>
      (await pvsnap(namespace, 'get', 'sets', ...flags)).stdout;

    assert.match(await get('-l', 'app=x', '--no-headers'), /^newer +\S+ +2\/2 [^\n]+\n$/);
    assert.equal(await get('--sort-by=.metadata.name', '-o', 'name'), 'snapshotset/newer\nsnapshotset/older\n');
    assert.deepEqual(await pvsnap(namespace, 'get', 'sets', '--sort-by=.spec'), {
      stdout: '',
      stderr: 'error: Field {.spec} is an unsortable type\n',
      code: 1,
    });
    assert.equal(
      await get('-o', 'custom-columns=N:.metadata.name,M:.spec.members'),
      'N       M\nnewer   2\nolder   1\n',
    );
    assert.equal(await get('-o', 'jsonpath={.items[*].status.ready}'), '2 1');
    assert.match(
      await get('older', '-L', 'pvsnap.io/set', '--show-labels'),
      /SET +LABELS\n.* older +pvsnap.io\/set=older\n$/,
    );
    assert.match(await get('older', '-o', 'yaml'), /^apiVersion: pvsnap.io\/v1\nkind: SnapshotSet\n/);
    const { stdout, stderr, code } = await pvsnap(namespace, 'get', 'sets', 'gone', 'older', 'away', '-o', 'name');
    const missing = (name: string): string => `Error from server (NotFound): snapshotsets "${name}" not found\n`;
    assert.deepEqual(
      { stdout, stderr, code },
      { stdout: 'snapshotset/older\n', stderr: missing('gone') + missing('away'), code: 1 },
    );
  });

  test('names sets that others took', async (t) => {
    const namespace = await layOut(t);
    await namespace.kubectl('label', 'vs', '--all', 'pvsnap.io/set-', 'velero.io/backup-name=nightly');
    const name = 'snapshotset/velero/nightly\n';
    for (const words of [['sets', 'velero/nightly'], ['sets/velero/nightly']]) {
      const { stdout } = await pvsnap(namespace, 'get', ...words, '-o', 'name');
      assert.equal(stdout, name);
    }
  });

  test('an incomplete set is red on a terminal, unless colours are not wanted', async (t) => {
    const namespace = await layOut(t);
    await namespace.kubectl('annotate', 'vs', '--all', 'pvsnap.io/members=2', '--overwrite');
    await pvsnap(namespace, 'create', 'pvc/b', '--name', 'whole');
    const raw = async (...args: string[]): Promise<string> => (await startOnTerminal(namespace, ...args).finished).raw;

    const coloured = await raw('get', 'sets');
    const red = '\u001b[31m1/2\u001b[39m';
    assert.ok(coloured.includes(red), coloured);
    assert.equal(coloured.split('\u001b').length, red.split('\u001b').length, 'nothing else is coloured');
    const plain = await raw('get', 'sets', '--no-color');
    assert.ok(!plain.includes('\u001b'));
    const layout = (text: string): number[] =>
      text.split(/\r?\n/).map((line) => line.replaceAll(/\u001b\[\d+m/g, '').search(/ \d+s\s*$/));
    assert.deepEqual(layout(coloured), layout(plain));
    assert.ok(!(await pvsnap(namespace, 'get', 'sets')).stdout.includes('\u001b'));
    assert.ok(!(await raw('get', 'vs')).includes('\u001b'));
  });
});
