/** `get -w` prints what kubectl prints while objects come, change and go. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { KubeObject } from '../cluster/api.ts';
import type { Finished, TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { runOurs } from './get-grid-run.ts';
import { start as startProgram } from './program.ts';

/** All are shown the label `step`, by which the last change is known. GRID is the namespace. */
const watches: string[][] = [
  ...[
    'vs -w -L step',
    'vs -w -A -l grid=GRID -L step',
    'vs -w -L step --no-headers',
    'vs -w -L step --show-kind --show-labels -o wide',
    'vs -w -L step --chunk-size=1',
    'vs -w -L step --sort-by=.metadata.name',
    'vs -w -L step --output-watch-events',
    'vs -w -L step --server-print=false',
    'vs --watch-only -L step',
    'vs --watch-only -L step --output-watch-events',
    'vs --watch-only -L step --sort-by=.metadata.name --no-headers',
    'vs watched -w -L step',
    'vs/watched -w -L step --output-watch-events',
    'vs watched --watch-only -L step',
    'vs watched --watch-only -L step --output-watch-events',
    'vs watched -w -o json',
    'vs watched -w -o yaml --show-managed-fields',
    'vs watched --watch-only -o yaml --output-watch-events',
    'vs -w -o json',
    'vs -w -o json --chunk-size=1',
    'vs -w -o yaml',
    'vs -w -o json --output-watch-events',
    'vs -w -o yaml --output-watch-events',
    'vs -w -o custom-columns=NAME:.metadata.name,STEP:.metadata.labels.step',
    'vs -w -o custom-columns=NAME:.metadata.name,STEP:.metadata.labels.step --chunk-size=1 --no-headers',
    'vs -w -o custom-columns=TYPE:.type,STEP:.object.metadata.labels.step --output-watch-events',
    'vs -w -o jsonpath={.metadata.name}{"\\t"}{.metadata.labels.step}{"\\n"}',
    'vs -w -o jsonpath={.metadata.name}/{.metadata.labels.step}',
    'vs -w -o jsonpath={.type}{"\\t"}{.object.metadata.labels.step}{"\\n"} --output-watch-events',
    'vs watched -w -o jsonpath={.metadata.name}{"\t"}{.metadata.labels.step}{"\n"} --output-watch-events',
    'vsc -l grid=GRID -w -A -L step',
    'vsc GRID-watched -w -A -L step --output-watch-events',
  ].map((line) => line.split(' ')),
];

describe('get -w prints what kubectl prints', () => {
  test('while objects come, change and go', { timeout: 120_000 }, async (t) => {
    const namespace = await openNamespace(t);
    await layOut(t, namespace);
    const pairs = await Promise.all(watches.map((line) => watchInBoth(t, namespace, line)));
    await change(namespace);
    const finished = await Promise.all(
      pairs.map(async ({ ours, kubectls }) => [await ours.end(), await kubectls.end()]),
    );
    t.diagnostic(`${watches.length} watches`);
    for (const [index, [ours, kubectls]] of finished.entries()) {
      assert.deepEqual(comparable(ours), comparable(kubectls), watches[index]?.join(' '));
    }
  });

  test('ends as it does on Ctrl-C', { timeout: 60_000 }, async (t) => {
    const namespace = await openNamespace(t);
    await layOut(t, namespace);
    const ours = startProgram(namespace, 'get', 'vs', '-w', '-o', 'name');
    const kubectl = spawn(
      join(namespace.cluster.programs, 'kubectl'),
      ['-n', namespace.name, 'get', 'vs', '-w', '-o', 'name'],
      {
        env: { ...process.env, KUBECONFIG: namespace.cluster.kubeconfig },
      },
    );
    const outputs = Promise.all([text(kubectl.stdout), text(kubectl.stderr)]);
    const closed = once(kubectl, 'close');
    await Promise.all([once(ours.child.stdout, 'data'), once(kubectl.stdout, 'data')]);
    ours.child.kill('SIGINT');
    kubectl.kill('SIGINT');
    const [code] = (await closed) as [number];
    const [stdout, stderr] = await outputs;
    assert.deepEqual(await ours.finished, { stdout, stderr, code });
  });
});

function labelled(
  object: Pick<KubeObject, 'apiVersion' | 'kind'> & { spec: object },
  name: string,
  label: string,
): KubeObject {
  return { ...object, metadata: { name, labels: { grid: label } } };
}

const snapshot = {
  apiVersion: 'snapshot.storage.k8s.io/v1',
  kind: 'VolumeSnapshot',
  spec: { source: { volumeSnapshotContentName: 'there.is.none' } },
};

async function layOut(t: TestContext, namespace: TestNamespace): Promise<void> {
  const { api, name } = namespace;
  const content = labelled(
    {
      apiVersion: snapshot.apiVersion,
      kind: 'VolumeSnapshotContent',
      spec: {
        deletionPolicy: 'Retain',
        driver: 'nobody.serves.this',
        source: { snapshotHandle: 'x' },
        volumeSnapshotRef: { name: 'none', namespace: 'nowhere' },
      },
    },
    `${name}-watched`,
    name,
  );
  t.after(() => api.delete(content.kind, content.metadata.name));
  await api.apply(content);
  await namespace.apply([labelled(snapshot, 'watched', name), labelled(snapshot, 'still', name)]);
  await Promise.all(['watched', 'still'].map((one) => namespace.waitFor('VolumeSnapshot', one, hasFailed)));
}

/** The snapshot controller has said all that it will say. */
function hasFailed({ status }: { status?: { error?: object } }): boolean {
  return status?.error !== undefined;
}

async function change(namespace: TestNamespace): Promise<void> {
  const { name } = namespace;
  const step = async (value: string): Promise<void> => {
    await namespace.kubectl('label', 'vs', 'watched', `step=${value}`, '--overwrite');
    await namespace.kubectl('label', 'vsc', `${name}-watched`, `step=${value}`, '--overwrite');
  };
  await step('first');
  await namespace.apply([labelled(snapshot, 'comes-and-goes-with-a-long-name', name)]);
  await namespace.waitFor('VolumeSnapshot', 'comes-and-goes-with-a-long-name', hasFailed);
  await namespace.kubectl('delete', 'vs', 'comes-and-goes-with-a-long-name');
  await step('last');
}

interface Watcher {
  /** Resolves when the watch is open, so that it misses no change. */
  isOpen: Promise<void>;
  /** Waits for the last change, then stops it. */
  end(): Promise<Finished>;
}

async function watchInBoth(
  t: TestContext,
  namespace: TestNamespace,
  line: readonly string[],
): Promise<{ ours: Watcher; kubectls: Watcher }> {
  // Every request is traced: the watch is open when it has been answered.
  const args = [
    '--namespace',
    namespace.name,
    '-v=6',
    'get',
    ...line.map((word) => word.replace('GRID', namespace.name)),
  ];
  const pair = { ours: watchInOurs(args), kubectls: watchInKubectl(t, namespace, args) };
  await Promise.all([pair.ours.isOpen, pair.kubectls.isOpen]);
  return pair;
}

/** Resolves with what it was told once that matches. */
function collector(): { add: (text: string) => void; until: (pattern: RegExp) => Promise<void> } {
  let all = '';
  const waiting = new Set<() => void>();
  return {
    add: (more) => {
      all += more;
      for (const look of waiting) look();
    },
    until: (pattern) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!pattern.test(all)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

const opened = /[?&]watch=true\S* (?:status=")?200/;

/** What shows the last change. Without columns of its own, as kubectl has it there, a table shows the kind of change alone. */
function doneAt(args: readonly string[]): RegExp {
  const isWithoutColumns = ['watched', '--watch-only', '-L', '--output-watch-events'].every((word) =>
    args.includes(word),
  );
  return isWithoutColumns ? /MODIFIED[^]*MODIFIED/ : /\blast\b/;
}

function watchInOurs(args: readonly string[]): Watcher {
  const cancel = new AbortController();
  const { add, until } = collector();
  const finished = runOurs(args, { cancelled: cancel.signal, onText: add });
  return {
    isOpen: Promise.race([until(opened), finished.then(() => undefined)]),
    end: async () => {
      await Promise.race([until(doneAt(args)), finished]);
      cancel.abort();
      return finished;
    },
  };
}

function watchInKubectl(t: TestContext, { cluster }: TestNamespace, args: readonly string[]): Watcher {
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig };
  const child = spawn(join(cluster.programs, 'kubectl'), args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill());
  const { add, until } = collector();
  child.stdout.setEncoding('utf8').on('data', add);
  child.stderr.setEncoding('utf8').on('data', add);
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  const closed = once(child, 'close');
  return {
    isOpen: Promise.race([until(opened), closed.then(() => undefined)]),
    end: async () => {
      await Promise.race([until(doneAt(args)), closed]);
      child.kill('SIGINT');
      const [code] = (await closed) as [number];
      const [stdout, stderr] = await outputs;
      return { stdout, stderr, code };
    },
  };
}

/** Without the trace, and without ages, which may have ticked between the two. */
function comparable(finished: Finished | undefined): Finished | undefined {
  if (finished === undefined) return undefined;
  const stdout = finished.stdout
    .replace(/(?<=\s)(\d+[sm]){1,2} *(?=\s)/g, 'AGE')
    // A page's own version is that of all objects in the cluster.
    .replace(/("continue": ".*",\s*(?:"remainingItemCount": \d+,\s*)?"resourceVersion": )".*"/g, '$1""')
    .replace(/"continue": ".+"/g, '"continue": "more"');
  const stderr = finished.stderr.replace(/^(?:[IW]\d{4} .*|GET .*|\s*)\n/gm, '');
  return { ...finished, stdout, stderr };
}
