/** Runs a command and takes its time and the most memory that it ever held. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

export interface Peak {
  elapsedMs: number;
  /** The kernel's own high-water mark, last seen less than LOOK_MS before the end. */
  memoryBytes: number;
  stdoutBytes: number;
}

const LOOK_MS = 5;

/**
 * Linux alone says how much memory a process has held.
 * @param before words to put before the command
 * @throws Error with its last words when it fails
 */
export async function peakOf(
  file: string,
  args: readonly string[],
  { env, before, signal }: { env: NodeJS.ProcessEnv; before: readonly string[]; signal: AbortSignal },
): Promise<Peak> {
  signal.throwIfAborted();
  const startedAtMs = performance.now();
  const [first = '', ...words] = [...before, file, ...args];
  const child = spawn(first, words, { env, signal, killSignal: 'SIGKILL', stdio: ['ignore', 'pipe', 'pipe'] });
  const stderr = text(child.stderr);
  let stdoutBytes = 0;
  child.stdout.on('data', (chunk: Buffer) => (stdoutBytes += chunk.length));
  const closed = (once(child, 'close') as Promise<[number | null]>).then(([code]) => ({
    code,
    elapsedMs: performance.now() - startedAtMs,
  }));
  const [{ code, elapsedMs }, memoryBytes] = await Promise.all([closed, watchMemory(child.pid ?? 0, closed)]);
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
    const status = statusOf(pid);
    const [, kibibytes = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
    most = Math.max(most, Number(kibibytes) * 1024);
    await pause(LOOK_MS);
  }
  return most;
}

/** Read at once: a thread that does it may have to wait until the process has ended, which it may at any moment. */
function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
