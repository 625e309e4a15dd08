/**
 * The process that holds a cluster: its folder and all its processes. It is started by supervise.ts and lives as long as
 * its stdin is open. That pipe closes however its parent ends, also by SIGKILL; then everything is ended and removed.
 *
 * Prints one line of JSON with its folder, then one for each process that ends without having been asked to.
 * Takes orders by HTTP on the socket `control` in its folder: POST /run with a Component, POST /restart/NAME,
 * POST /end/NAME, POST /pause/NAME, POST /continue/NAME.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import type { Component, SupervisorEvent } from './supervise.ts';

const directory = await mkdtemp(join(tmpdir(), 'pvsnap-cluster-'));
const running = new Map<string, { component: Component; child: ChildProcess }>();
const asked = new Set<ChildProcess>();
let ending = false;

const server = createServer((request, response) => {
  carryOut(request).then(
    () => response.end(),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
// Left unhandled, a write to a parent that is gone would end this process before it has cleaned up.
process.stdout.on('error', () => undefined);
process.stdin.on('close', () => void endAll()).resume();
await mkdir(join(directory, 'logs'));
server.listen(join(directory, 'control'), () => {
  tell({ directory });
});

async function carryOut(request: IncomingMessage): Promise<void> {
  const [, order, name = ''] = request.url?.split('/') ?? [];
  if (order === 'run') await run((await json(request)) as Component);
  else if (order === 'restart') await restart(name);
  else if (order === 'end') await end(name);
  else if (order === 'pause') find(name).child.kill('SIGSTOP');
  else if (order === 'continue') find(name).child.kill('SIGCONT');
  else throw new Error(`no such order: ${order ?? ''}`);
}

async function run(component: Component): Promise<void> {
  const log = await open(join(directory, 'logs', `${component.name}.log`), 'a');
  if (ending) return log.close();
  // The pipe on stdin is a lifeline of the same kind, for components that heed it.
  const child = spawn(component.command, component.args, {
    cwd: directory,
    env: environment(),
    stdio: ['pipe', log.fd, log.fd],
  });
  running.set(component.name, { component, child });
  child.on('exit', (code, signal) => {
    if (!asked.has(child)) tell({ ended: component.name, how: signal ?? `exit code ${code ?? 'unknown'}` });
  });
  await once(child, 'spawn').finally(() => log.close());
}

/**
 * Nothing of the caller's environment but where programs are: csi-provisioner takes KUBECONFIG from there over its own
 * flag, and would work on the cluster of whoever runs the tests, with their rights.
 */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: directory, TMPDIR: directory };
}

async function restart(name: string): Promise<void> {
  const { child, component } = find(name);
  await kill(child);
  await run(component);
}

/** As a kubelet ends a container that obeys. */
async function end(name: string): Promise<void> {
  const { child } = find(name);
  asked.add(child);
  const exited = once(child, 'exit');
  if (child.exitCode === null && child.signalCode === null && child.kill('SIGTERM')) await exited;
  running.delete(name);
}

function find(name: string): { component: Component; child: ChildProcess } {
  const found = running.get(name);
  if (!found) throw new Error(`no component is called ${name}`);
  return found;
}

async function endAll(): Promise<void> {
  ending = true;
  server.close();
  server.closeAllConnections();
  await Promise.all([...running.values()].map(({ child }) => kill(child)));
  await rm(directory, { recursive: true, force: true });
  // What a component has started itself, as Velero does its plugins, is in this process's group, and has no other end.
  process.kill(-process.pid, 'SIGKILL');
}

/** By SIGKILL, since nothing of the cluster is kept: it takes milliseconds, an orderly end takes seconds. */
async function kill(child: ChildProcess): Promise<void> {
  asked.add(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function tell(event: SupervisorEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
