/** Runs the program, and kubectl beside it, in a namespace, and takes their time. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { KubeObject } from '../../test/cluster/api.ts';
import type { Bench } from './bench.ts';

/** For every wait of a command: longer than 100 claims take at the slowest limits. */
export const timeout = '30m';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const MAX_OUTPUT_BYTES = 256 * 1024 ** 2;
const DEADLINE_MS = 40 * 60_000;

interface Ran {
  stdout: string;
  stderr: string;
  /** From before the process was started until it had ended. */
  elapsedMs: number;
}

/** Both throw an Error with the command's last words when it fails, and the signal's reason when that aborts. */
export interface Commands {
  pvsnap: (...args: string[]) => Promise<Ran>;
  kubectl: (...args: string[]) => Promise<Ran>;
  /** Writes one file with all the objects, for `kubectl -f`. @returns its path */
  writeManifest: (objects: KubeObject[]) => Promise<string>;
}

export function commandsIn(namespace: string, { cluster, signal }: Bench): Commands {
  const { directory, kubeconfig, programs } = cluster;
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const run = (name: string, file: string, args: string[]): Promise<Ran> => timed(name, file, args, env, signal);
  const inNamespace = ['--namespace', namespace];
  // kubectl's cache of what the server offers goes with the cluster.
  const kubectlFlags = [...inNamespace, '--cache-dir', join(directory, 'kubectl-cache')];
  return {
    pvsnap: (...args) =>
      run('kubectl pvsnap', process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args, ...inNamespace]),
    kubectl: (...args) => run('kubectl', join(programs, 'kubectl'), [...args, ...kubectlFlags]),
    writeManifest: async (objects) => {
      const path = join(directory, `manifest-${randomUUID()}.json`);
      const [only, ...others] = objects;
      await writeFile(
        path,
        JSON.stringify(others.length > 0 ? { apiVersion: 'v1', kind: 'List', items: objects } : only),
      );
      return path;
    },
  };
}

async function timed(
  name: string,
  file: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Ran> {
  signal.throwIfAborted();
  const startedAtMs = performance.now();
  try {
    const { stdout, stderr } = await promisify(execFile)(file, args, {
      env,
      maxBuffer: MAX_OUTPUT_BYTES,
      timeout: DEADLINE_MS,
      // Nothing of the cluster is kept, so nothing needs to be finished.
      killSignal: 'SIGKILL',
      signal,
    });
    return { stdout, stderr, elapsedMs: performance.now() - startedAtMs };
  } catch (error) {
    signal.throwIfAborted();
    const { stderr = '', message } = error as Error & { stderr?: string };
    const lastWords = stderr.trimEnd().split('\n').slice(-15).join('\n');
    throw new Error(`"${name} ${args.slice(0, 8).join(' ')}" failed: ${lastWords || message}`, { cause: error });
  }
}
