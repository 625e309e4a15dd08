/** Runs the program, and kubectl beside it, as a person would: the command line is printed, the output is theirs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { ClusterFacts } from '../../test/cluster/facts.ts';
import { sayCommand } from './say.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const runSource = ['--disable-warning=ExperimentalWarning', main];

export interface Commands {
  /** Runs `kubectl pvsnap ARGS`. @throws Error when it fails, or the signal's reason */
  pvsnap: (...args: string[]) => Promise<void>;
  /** The same, without a trace on the screen. @returns what it wrote to stdout */
  askPvsnap: (...args: string[]) => Promise<string>;
  /** Runs `kubectl ARGS`. */
  kubectl: (...args: string[]) => Promise<void>;
}

/** @param signal ends a command that runs, at once: nothing of the cluster is kept anyway */
export function commandsFor({ kubeconfig, programs }: ClusterFacts, signal: AbortSignal): Commands {
  const run = async (name: string, file: string, args: string[], stdout: 'inherit' | 'pipe'): Promise<string> => {
    signal.throwIfAborted();
    const env = { ...process.env, KUBECONFIG: kubeconfig };
    const child = spawn(file, args, { env, stdio: ['inherit', stdout, 'inherit'] });
    const kill = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', kill);
    const closed = once(child, 'close') as Promise<[number | null]>;
    const [[code], output] = await Promise.all([closed, child.stdout ? text(child.stdout) : '']);
    signal.removeEventListener('abort', kill);
    signal.throwIfAborted();
    if (code !== 0) throw new Error(`"${name}" ended with exit code ${code ?? 'unknown'}`);
    return output;
  };
  const show = async (name: string, file: string, args: string[]): Promise<void> => {
    sayCommand(name);
    await run(name, file, args, 'inherit');
    console.log();
  };
  return {
    pvsnap: (...args) => show(`kubectl pvsnap ${args.join(' ')}`, process.execPath, [...runSource, ...args]),
    askPvsnap: (...args) => run(`kubectl pvsnap ${args.join(' ')}`, process.execPath, [...runSource, ...args], 'pipe'),
    kubectl: (...args) => show(`kubectl ${args.join(' ')}`, join(programs, 'kubectl'), args),
  };
}
