/** Runs kubectl, or our program, with the same kubeconfig, flags and environment. */
import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { ensurePrograms } from '../../cluster/programs/build.ts';
import { programWords } from '../../e2e/program-file.ts';

export interface Finished {
  stdout: string;
  stderr: string;
  code: number;
  /** Where it ran; gone when all tests of the file have ended. */
  folder: string;
}

export interface Invocation {
  /** After `get vs`. */
  flags?: string[];
  env?: Record<string, string>;
  /** Both programs find its files under these names in their working directory. */
  files?: Record<string, string | object>;
  /** A server that kubectl is about to ask: it is told beforehand which kinds there are, and so asks for the list alone. */
  servers?: string[];
  /** On a pseudo-terminal: stdout has all that was shown. */
  terminal?: boolean;
  /** Milliseconds until a program that hangs is ended. */
  deadlineMs?: number;
}

const programs = await ensurePrograms();
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

export function runKubectl(invocation: Invocation): Promise<Finished> {
  return run([join(programs, 'kubectl')], invocation);
}

export function runOurs(invocation: Invocation): Promise<Finished> {
  return run(programWords(), invocation);
}

async function run([command = '', ...before]: string[], invocation: Invocation): Promise<Finished> {
  const { flags = [], env = {}, files = {}, servers = [], terminal = false, deadlineMs = 20_000 } = invocation;
  const folder = mkdtempSync(join(tmpdir(), 'pvsnap-kubectl-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) write(join(folder, name), content);
  for (const server of servers) tellKinds(join(folder, '.cache'), server);
  const words = [...before, 'get', 'vs', ...flags];
  const child = spawn(...(terminal ? onTerminal([command, ...words]) : ([command, words] as const)), {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, KUBECACHEDIR: join(folder, '.cache'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: deadlineMs,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const { promise, resolve, reject } = Promise.withResolvers<Finished>();
  child.once('error', reject);
  child.once('close', (code) => {
    resolve({ stdout, stderr, code: code ?? -1, folder });
  });
  return promise;
}

/** As util-linux's `script` runs it. */
function onTerminal(words: readonly string[]): [string, string[]] {
  const command = words.map((word) => `'${word}'`).join(' ');
  return ['script', ['--quiet', '--return', '--command', command, '/dev/null']];
}

function write(path: string, content: string | object): void {
  mkdirSync(dirname(path), { recursive: true });
  const isScript = typeof content === 'string' && content.startsWith('#!');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content), {
    mode: isScript ? 0o700 : 0o600,
  });
}

/** kubectl's cache of a server's kinds, as client-go keeps it on disk. */
function tellKinds(cache: string, server: string): void {
  const host = server.replace(/^https?:\/\//, '').replaceAll(/[^\w/.()]/g, '_');
  const folder = join(cache, 'discovery', host);
  const group = (name: string, version: string): object => {
    const entry = { groupVersion: name === '' ? version : `${name}/${version}`, version };
    return { name, versions: [entry], preferredVersion: entry };
  };
  const groups = [group('', 'v1'), group('snapshot.storage.k8s.io', 'v1')];
  const snapshots = {
    name: 'volumesnapshots',
    singularName: 'volumesnapshot',
    namespaced: true,
    kind: 'VolumeSnapshot',
    verbs: ['get', 'list', 'watch'],
    shortNames: ['vs'],
  };
  const list = (groupVersion: string, resources: object[]): object => ({
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources,
  });
  write(join(folder, 'servergroups.json'), { kind: 'APIGroupList', apiVersion: 'v1', groups });
  write(join(folder, 'v1', 'serverresources.json'), list('v1', []));
  const path = join(folder, 'snapshot.storage.k8s.io', 'v1', 'serverresources.json');
  write(path, list('snapshot.storage.k8s.io/v1', [snapshots]));
}
