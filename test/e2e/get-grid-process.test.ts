/** `get` as a process of its own, of files, and of what a cluster serves in other versions or not at all. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { Answer } from '../api/server.ts';
import { reply, serve } from '../api/server.ts';
import { readFacts } from '../cluster/facts.ts';
import type { Finished, TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { differenceOf, inPool, lasting, runOurs } from './get-grid-run.ts';
import { pvsnap } from './program.ts';

const commands = [
  'vs -o name',
  'vs one -o yaml',
  'vs one -ojson',
  'vs one two gone -o custom-columns=N:.metadata.name',
  'vs -o=jsonpath={.items[*].metadata.name}',
  'vs gone -o json',
  'vs -l (',
  'vs -L app --no-headers -o custom-columns=N:.metadata.name',
  'vgs',
  'vgs,vs -o name',
  'vs --chunk-size=x',
  'vs.example.com',
];

describe('get prints what kubectl prints', { concurrency: 4 }, () => {
  test('as a process of its own', async (t) => {
    const namespace = await openNamespace(t);
    await namespace.apply(['one', 'two'].map(snapshot));
    await Promise.all(['one', 'two'].map((name) => namespace.waitFor('VolumeSnapshot', name, hasFailed)));
    await inPool(commands, 3, async (command) => {
      const args = ['get', ...command.split(' ')];
      const [ours, kubectls] = await Promise.all([pvsnap(namespace, ...args), namespace.kubectl(...args)]);
      assert.deepEqual(withOwnName(ours), kubectls, command);
    });
  });

  test('of objects that are named in files', async (t) => {
    const namespace = await openNamespace(t);
    await namespace.apply(['one', 'two'].map(snapshot));
    await Promise.all(['one', 'two'].map((name) => namespace.waitFor('VolumeSnapshot', name, hasFailed)));
    for (const args of await fileCases(t, namespace)) {
      const difference = await lasting(namespace, await differenceOf(namespace, ['get', ...args]));
      assert.equal(difference, undefined, args.join(' '));
    }
  });

  const served: [string, readonly string[], string[]][] = [
    [
      'an older version',
      ['v1beta2'],
      ['vgs', 'vgs one', 'vgs/one vs/one', 'vgs -o json', 'vgs.v1.groupsnapshot.storage.k8s.io'],
    ],
    [
      'an older version beside',
      ['v1', 'v1beta2'],
      ['vgs', 'volumegroupsnapshots.v1beta2.groupsnapshot.storage.k8s.io -o json'],
    ],
    [
      'none',
      [],
      ['vgs', 'vgs one', 'vs,vgs', 'vs/one vgs/one', 'VolumeGroupSnapshot.groupsnapshot', 'vgs -w', 'vgs -o json'],
    ],
  ];
  for (const [what, versions, lines] of served) {
    test(`where group snapshots are served in ${what}`, async (t) => {
      const { kubeconfig } = await serve(t, answerWith(versions));
      for (const line of lines) {
        const args = ['--kubeconfig', kubeconfig, 'get', ...line.split(' ')];
        assert.deepEqual(await runOurs(args), await runKubectl(t, args), line);
      }
    });
  }

  test('where nothing may be listed', async (t) => {
    const { kubeconfig } = await serve(t, answerWith(['v1'], true));
    for (const line of ['vs', 'vgs,vs', 'vs one', 'vs -o json', 'vs one -o json', 'vs one -w']) {
      const args = ['--kubeconfig', kubeconfig, 'get', ...line.split(' ')];
      assert.deepEqual(await runOurs(args), await runKubectl(t, args), line);
    }
  });
});

function snapshot(name: string): { apiVersion: string; kind: string; metadata: { name: string }; spec: object } {
  const source = { volumeSnapshotContentName: 'there.is.none' };
  return { apiVersion: 'snapshot.storage.k8s.io/v1', kind: 'VolumeSnapshot', metadata: { name }, spec: { source } };
}

function hasFailed({ status }: { status?: { error?: object } }): boolean {
  return status?.error !== undefined;
}

/** Each program says how it is called. */
function withOwnName({ stderr, ...others }: Finished): Finished {
  return { ...others, stderr: stderr.replaceAll('kubectl pvsnap', 'kubectl') };
}

async function fileCases(t: TestContext, { name }: TestNamespace): Promise<string[][]> {
  const directory = await mkdtemp(join(tmpdir(), 'pvsnap-files-'));
  t.after(() => rm(directory, { recursive: true }));
  const write = async (file: string, ...objects: unknown[]): Promise<string> => {
    const path = join(directory, file);
    await writeFile(path, objects.map((object) => JSON.stringify(object)).join('\n---\n'));
    return path;
  };
  const elsewhere = { ...snapshot('one'), metadata: { name: 'one', namespace: 'default' } };
  const one = await write('one.yaml', snapshot('one'));
  const both = await write('both.yaml', snapshot('one'), snapshot('two'));
  const list = await write('list.json', { apiVersion: 'v1', kind: 'List', items: [snapshot('two'), snapshot('one')] });
  const torn = await write('torn.yaml', snapshot('one'), snapshot('gone'));
  const other = await write('other.yaml', elsewhere);
  const ways = ['-o name', '-o json', '-o yaml', '-o jsonpath={.kind}', '--no-headers', '--ignore-not-found -o name'];
  return [
    ...[one, both, list, torn].flatMap((path) => ways.map((way) => ['-f', path, ...way.split(' ')])),
    ['-f', one, '-f', both, '-o', 'name'],
    ['-f', other, '-o', 'name', '-n', name],
    ['-f', one, 'vs'],
    ['-f', one, 'vs/one'],
    ['-f', directory + '/none'],
  ];
}

/** A server of snapshots, whose group snapshots are in these versions. */
function answerWith(versions: readonly string[], isForbidden = false): Answer {
  const groups = new Map([
    ['snapshot.storage.k8s.io', ['v1']],
    ['groupsnapshot.storage.k8s.io', [...versions]],
  ]);
  return ({ path }, response) => {
    const [, root, group = '', version = '', ...rest] = path.split('/');
    const known = root === 'apis' ? groups.get(group) : undefined;
    if (path === '/api') reply(response, 200, { kind: 'APIVersions', versions: ['v1'] });
    else if (path === '/api/v1') reply(response, 200, { kind: 'APIResourceList', groupVersion: 'v1', resources: [] });
    else if (path === '/apis')
      reply(response, 200, { kind: 'APIGroupList', apiVersion: 'v1', groups: [...groups].flatMap(groupOf) });
    else if (path.startsWith('/api/v1/namespaces/'))
      reply(response, 200, { kind: 'Namespace', metadata: { name: 'kafka' } });
    else if (known === undefined || known.length === 0) notFound(response);
    else if (version === '') reply(response, 200, groupOf([group, known])[0] ?? {});
    else if (isForbidden && rest.length > 0) reply(response, 403, forbidden);
    else if (!known.includes(version)) notFound(response);
    else if (rest.length === 0) reply(response, 200, resourcesOf(group, version));
    else answerObjects(response, `${group}/${version}`, rest);
  };
}

const forbidden = {
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code: 403,
  reason: 'Forbidden',
  message: 'volumesnapshots is forbidden: no',
};

function notFound(response: ServerResponse): void {
  response.writeHead(404, { 'Content-Type': 'text/plain' }).end('404 page not found\n');
}

function groupOf([name, versions]: [string, string[]]): object[] {
  const served = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return served[0] === undefined
    ? []
    : [{ kind: 'APIGroup', apiVersion: 'v1', name, versions: served, preferredVersion: served[0] }];
}

function kindsOf(group: string): { name: string; kind: string; shortNames: string[] } {
  return group.startsWith('group')
    ? { name: 'volumegroupsnapshots', kind: 'VolumeGroupSnapshot', shortNames: ['vgs'] }
    : { name: 'volumesnapshots', kind: 'VolumeSnapshot', shortNames: ['vs'] };
}

function resourcesOf(group: string, version: string): object {
  const { name, kind, shortNames } = kindsOf(group);
  const resource = {
    name,
    singularName: kind.toLowerCase(),
    namespaced: true,
    kind,
    verbs: ['get', 'list', 'watch'],
    shortNames,
  };
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${group}/${version}`, resources: [resource] };
}

/** No Tables: both programs lay out names and ages themselves. */
function answerObjects(response: ServerResponse, apiVersion: string, rest: readonly string[]): void {
  const { kind } = kindsOf(apiVersion);
  // Its age doesn't tick.
  const creationTimestamp = '2020-01-02T03:04:05Z';
  const object = (name: string): object => ({
    apiVersion,
    kind,
    metadata: { name, namespace: 'kafka', creationTimestamp },
  });
  const name = rest[3];
  if (name !== undefined) reply(response, 200, object(name));
  else
    reply(response, 200, {
      apiVersion,
      kind: `${kind}List`,
      metadata: { resourceVersion: '1' },
      items: [object('one'), object('two')],
    });
}

/** With a cache of its own, for what a server serves is remembered by its address. */
async function runKubectl(t: TestContext, args: readonly string[]): Promise<Finished> {
  const { programs } = await readFacts();
  const cache = await mkdtemp(join(tmpdir(), 'pvsnap-cache-'));
  t.after(() => rm(cache, { recursive: true, force: true }));
  return new Promise((resolve) => {
    const child = execFile(join(programs, 'kubectl'), ['--cache-dir', cache, ...args], (_, stdout, stderr) => {
      resolve({ stdout, stderr, code: child.exitCode ?? 1 });
    });
  });
}
