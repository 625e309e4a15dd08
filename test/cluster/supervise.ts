/** Starts the supervisor, and gives it orders. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

/** A process of the cluster. Its name is also that of its log, `logs/<name>.log`. */
export interface Component {
  name: string;
  command: string;
  args: string[];
}

export type SupervisorEvent = { directory: string } | { ended: string; how: string };

export interface Supervisor {
  /** The cluster's folder: removed, with all that is in it, when the cluster ends. */
  directory: string;
  /** Aborts when a component ends by itself; its reason is an Error with the component's name and its last words. */
  failed: AbortSignal;
  run: (component: Component) => Promise<void>;
  /** Ends every process and removes the folder. */
  stop: () => Promise<void>;
}

export async function startSupervisor(): Promise<Supervisor> {
  const args = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'supervisor.ts')];
  // Detached, so that Ctrl-C on the terminal reaches only the parent, which then stops the cluster in order.
  const child = spawn(process.execPath, args, { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const [first] = (await Promise.race([once(lines, 'line'), ended.then(refuseToStart)])) as [string];
  const { directory } = JSON.parse(first) as { directory: string };
  const failure = new AbortController();
  lines.on('line', (line) => void reportEnd(JSON.parse(line) as SupervisorEvent, directory, failure));
  let stopping = false;
  void ended.then(async () => {
    if (stopping) return;
    await cleanUpAfter(child, directory);
    failure.abort(new Error("the cluster's supervisor was killed"));
  });
  return {
    directory,
    failed: failure.signal,
    run: (component) => order(directory, '/run', component),
    stop: async () => {
      stopping = true;
      child.stdin.end();
      await ended;
    },
  };
}

/**
 * Kills a component and starts it again, on the same port and data. Any process that knows the folder may ask.
 * @returns once the new process runs, which is before it is ready
 */
export async function restartComponent(directory: string, name: string): Promise<void> {
  await order(directory, `/restart/${name}`);
}

/** Starts one more process, which goes with the cluster. If it ends by itself, the cluster has failed. */
export async function runComponent(directory: string, component: Component): Promise<void> {
  await order(directory, '/run', component);
}

/** Ends a component in order. @returns once its process is gone */
export async function endComponent(directory: string, name: string): Promise<void> {
  await order(directory, `/end/${name}`);
}

/** Stops a component where it is. @returns what lets it go on */
export async function pauseComponent(directory: string, name: string): Promise<() => Promise<void>> {
  await order(directory, `/pause/${name}`);
  return () => order(directory, `/continue/${name}`);
}

async function order(directory: string, path: string, body?: Component): Promise<void> {
  const outgoing = request({ socketPath: join(directory, 'control'), method: 'POST', path });
  outgoing.end(body && JSON.stringify(body));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(`the cluster's supervisor refused ${path}: ${answer}`);
}

async function reportEnd(event: SupervisorEvent, directory: string, failure: AbortController): Promise<void> {
  if (!('ended' in event)) return;
  const log = await readFile(join(directory, 'logs', `${event.ended}.log`), 'utf8').catch(() => '');
  const lastWords = log.trimEnd().split('\n').slice(-15).join('\n');
  failure.abort(new Error(`${event.ended} ended by itself (${event.how}). The end of its log:\n${lastWords}`));
}

function refuseToStart(): never {
  throw new Error("the cluster's supervisor did not start");
}

/** The supervisor itself was killed: what it held is in its process group, and nobody else will end it. */
async function cleanUpAfter(supervisor: ChildProcess, directory: string): Promise<void> {
  try {
    if (supervisor.pid) process.kill(-supervisor.pid, 'SIGKILL');
  } catch {
    // No process of the group is left.
  }
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}
