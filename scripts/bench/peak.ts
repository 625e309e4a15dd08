/** Runs a command and takes its time and the most memory that it ever held. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

export interface Peak {
  elapsedMs: number;
  /** The kernel's own high-water mark, last seen less than LOOK_MS before the end. */
  memoryBytes: number;
  stdoutBytes: number;
}

const LOOK_MS = 5;

/** Linux alone says how much memory a process has held. @throws Error with its last words when it fails */
export async function peakOf(
  file: string,
  args: readonly string[],
  { env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<Peak> {
  signal.throwIfAborted();
  const startedAtMs = performance.now();
  const child = spawn(file, args, { env, signal, killSignal: 'SIGKILL', stdio: ['ignore', 'pipe', 'pipe'] });
  const stderr = text(child.stderr);
  let stdoutBytes = 0;
  child.stdout.on('data', (chunk: Buffer) => (stdoutBytes += chunk.length));
  const closed = once(child, 'close') as Promise<[number | null]>;
  const [[code], memoryBytes] = await Promise.all([closed, watchMemory(child.pid ?? 0, closed)]);
  const elapsedMs = performance.now() - startedAtMs;
  if (code !== 0) throw new Error(`"${[file, ...args].join(' ')}" failed: ${(await stderr).slice(-2000)}`);
  return { elapsedMs, memoryBytes, stdoutBytes };
}

async function watchMemory(pid: number, closed: Promise<unknown>): Promise<number> {
  let most = 0;
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  closed.then(over, over);
  const isRunning = (): boolean => !isOver;
  while (isRunning()) {
    // It may end at any moment.
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const [, kibibytes = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
    most = Math.max(most, Number(kibibytes) * 1024);
    await pause(LOOK_MS);
  }
  return most;
}
