import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { runCli } from '../src/cli.ts';
import { UsageError } from '../src/errors.ts';
import type { Received } from './api/server.ts';
import { reply, serve } from './api/server.ts';

const options = { concurrency: true, timeout: 60_000 };
const emptyTable = { kind: 'Table', metadata: {}, columnDefinitions: [], rows: [] };

/** Runs a command line without a terminal, against a server that has nothing. */
async function run(t: TestContext, ...argv: string[]): Promise<{ received: readonly Received[]; notes: string }> {
  const server = await serve(t, (_, response) => {
    reply(response, 200, emptyTable);
  });
  let notes = '';
  const output = {
    interactive: false,
    toTerminal: false,
    alarming: (text: string) => text,
    width: Infinity,
    print: () => Promise.resolve(),
    write: () => Promise.resolve(),
    note: (text: string) => {
      notes += text;
    },
  };
  const cancelled = new AbortController().signal;
  await runCli(['--kubeconfig', server.kubeconfig, ...argv], { output, cancelled, programName: 'kubectl pvsnap' });
  return { received: server.received, notes };
}

/** Paths with what was selected, as in `/api/v1/pods app=x`. */
const asked = ({ received }: { received: readonly Received[] }): string[] =>
  received.map(({ path, query }) => `${path} ${query.get('labelSelector') ?? ''}`.trim());
const snapshotsOf = (namespace: string): string =>
  `/apis/snapshot.storage.k8s.io/v1/namespaces/${namespace}/volumesnapshots`;

describe('flags with one letter', options, () => {
  const lines: [string[], string[]][] = [
    [['get', 'vs', '-nother'], [snapshotsOf('other')]],
    [['get', 'vs', '-n=other'], [snapshotsOf('other')]],
    [['get', 'vs', '-n', 'other'], [snapshotsOf('other')]],
    [['get', '-nother', 'vs'], [snapshotsOf('other')]],
    [['-nother', 'get', 'vs'], [snapshotsOf('other')]],
    [['get', 'vs', '-lapp=x'], [`${snapshotsOf('kafka')} app=x`]],
    [['get', 'vs', '-l', 'app=x,tier!=y'], [`${snapshotsOf('kafka')} app=x,tier!=y`]],
    [['get', 'vs', '-l=app=x'], [`${snapshotsOf('kafka')} app=x`]],
    [['get', 'vs', '-A', '-owide'], ['/apis/snapshot.storage.k8s.io/v1/volumesnapshots']],
    [
      ['get', 'vs', '-oname', 'a', '-nother', 'b'],
      [`${snapshotsOf('other')}/a`, `${snapshotsOf('other')}/b`],
    ],
    [['get', 'vs', '--', '-nother'], [`${snapshotsOf('kafka')}/-nother`]],
    [
      ['get', 'vs', '1e3', '0x10'],
      [`${snapshotsOf('kafka')}/1e3`, `${snapshotsOf('kafka')}/0x10`],
    ],
  ];
  for (const [argv, paths] of lines) {
    test(argv.join(' '), async (t) => {
      assert.deepEqual(asked(await run(t, ...argv)), paths);
    });
  }
});

describe('a flag that is given twice', options, () => {
  test('counts as it was given last', async (t) => {
    assert.deepEqual(asked(await run(t, 'get', 'vs', '-n', 'a', '--namespace=b')), [snapshotsOf('b')]);
    assert.deepEqual(asked(await run(t, 'get', 'vs', '-l', 'a=b', '-l', 'c=d')), [`${snapshotsOf('kafka')} c=d`]);
  });

  test('never lets a dry run become a real one', async (t) => {
    const line = ['restore', 'nightly', '--dry-run=client', '--dry-run=clinet'];
    await assert.rejects(run(t, ...line), /--dry-run "clinet"/);
    await assert.rejects(run(t, 'restore', 'nightly', '--dry-run=client', '--dry-run=none'), /--yes/);
  });

  test('of those that are lists keeps all its values', async (t) => {
    const { received } = await run(t, 'get', 'vs', '--as', 'jane', '--as-group', 'a', '--as-group=b');
    assert.equal(received[0]?.headers['impersonate-group'], 'a, b');
  });
});

test('-v6 traces every request', options, async (t) => {
  assert.match((await run(t, 'get', 'vs', '-v6')).notes, /GET http.*volumesnapshots.* 200 in \d+ ms/);
  assert.doesNotMatch((await run(t, 'get', 'vs')).notes, /GET/);
});

describe('a command line that isn’t understood', options, () => {
  const lines: [string[], RegExp][] = [
    [['gets'], /gets/],
    [['get'], /needs a type/],
    [['get', 'pods'], /"pods"/],
    [['get', 'vs', '--nonsense'], /nonsense/],
    [['get', 'vs', '-o', 'go-template={{.kind}}'], /Go templates/],
    [['get', 'sets,vs'], /no other type/],
    [['get', 'vs', '-n'], /--n(amespace)? needs a value/],
    [['get', 'vs', '--all-namespaces=maybe'], /"maybe"/],
    [['create'], /TYPE\/NAME/],
    [['create', 'sts/x', '--name', 'Not a name'], /--name/],
    [['create', 'sts/x', '--timeout', 'soon'], /--timeout/],
    [['restore'], /vs\/NAME/],
    [['restore', 'nightly'], /--yes/],
    [['restore', 'nightly', '--yes', '--size', 'big'], /--size/],
  ];
  for (const [argv, words] of lines) {
    test(argv.join(' '), async (t) => {
      await assert.rejects(run(t, ...argv), (error) => error instanceof UsageError && words.test(error.message));
    });
  }
});

describe('what is loaded', options, () => {
  /** The modules that a program loads, as paths below the project or names of packages' files. */
  async function loadedBy(program: string): Promise<string[]> {
    const watcher = `import { registerHooks } from 'node:module';
      registerHooks({ load(url, context, next) { process.stderr.write('loaded ' + url + '\\n'); return next(url, context); } });`;
    const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--import'];
    const line = [...flags, `data:text/javascript,${encodeURIComponent(watcher)}`, '-e', program];
    const { stderr } = await promisify(execFile)(process.execPath, line, { cwd: import.meta.dirname });
    return [...stderr.matchAll(/^loaded (.*)$/gm)].map(([, url = '']) => url);
  }
  const cli = JSON.stringify(new URL('../src/cli.ts', import.meta.url).href);
  const isVerb = (url: string): boolean => /\/src\/commands\/(create|restore|get)/.test(url);
  const isClient = (url: string): boolean => url.includes('@kubernetes/client-node');

  test('by cli.ts: no verb, and nothing of client-node', async () => {
    const urls = await loadedBy(`await import(${cli})`);
    assert.ok(urls.some((url) => url.endsWith('/src/cli.ts')));
    assert.deepEqual(
      urls.filter((url) => isVerb(url) || isClient(url)),
      [],
    );
  });

  test('by --help of a verb: that verb alone', async () => {
    const call = `runCli(['get', '--help'], { programName: 'kubectl pvsnap' })`;
    const urls = await loadedBy(`const { runCli } = await import(${cli}); await ${call}`);
    const verbs = urls.filter(isVerb).map((url) => url.slice(url.lastIndexOf('/') + 1));
    assert.deepEqual(
      verbs.filter((name) => /^(create|restore)/.test(name)),
      [],
    );
    assert.ok(verbs.includes('get.ts'));
  });
});
