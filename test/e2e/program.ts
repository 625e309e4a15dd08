/** Runs the program as a user does: a process of its own, with arguments, streams and an exit code. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Finished, TestNamespace } from '../cluster/namespace.ts';
import { programWords } from './program-file.ts';

/** Longer than anything that the program waits for in a test. */
const hangMs = 170_000;

export interface Running {
  child: ChildProcessWithoutNullStreams;
  /** Rejects with all that it has said when it doesn't end: it is killed then. */
  finished: Promise<Finished>;
  /** Resolves when stderr holds the text; rejects with all of stderr when the program ends without it. */
  says(text: string | RegExp): Promise<void>;
}

/** Runs it in the test's namespace to its end. An exit code other than 0 is not an error. */
export function pvsnap(namespace: TestNamespace, ...args: string[]): Promise<Finished> {
  return start(namespace, ...args).finished;
}

export function start(namespace: TestNamespace, ...args: string[]): Running {
  return run(['--namespace', namespace.name, ...args], { KUBECONFIG: namespace.cluster.kubeconfig });
}

/** @param env over the test's own environment */
export function run(args: readonly string[], env: Record<string, string> = {}): Running {
  const [file, ...words] = programWords();
  const child = spawn(file, [...words, ...args], {
    env: { ...process.env, ...env },
    stdio: 'pipe',
  });
  child.stdin.end();
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const finished = new Promise<Finished>((resolve, reject) => {
    const hung = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`"${args.join(' ')}" did not end within ${hangMs / 1000} s:\n${stdout}${stderr}`));
    }, hangMs);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(hung);
      resolve({ stdout, stderr, code: code ?? 1 });
    });
  });
  const says = async (text: string | RegExp): Promise<void> => {
    const isThere = (): boolean => (typeof text === 'string' ? stderr.includes(text) : text.test(stderr));
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (isThere()) resolve();
      };
      child.stderr.on('data', look);
      finished.then(() => {
        reject(new Error(`the program ended without saying ${String(text)}:\n${stderr}`));
      }, reject);
      look();
    });
  };
  return { child, finished, says };
}
