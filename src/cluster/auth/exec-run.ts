/** Runs an exec plugin to its end. */
import { spawn } from 'node:child_process';
import { normalize, sep } from 'node:path';
import type { ExecEntry } from '../kubeconfig/shape.ts';
import type { ExecInfo } from './exec-info.ts';

/**
 * Its stderr is ours: what it asks and complains about is meant for the user.
 * @returns what it printed
 * @throws Error with client-go's words
 */
export function runPlugin(exec: ExecEntry, { interactive, text }: ExecInfo): Promise<string> {
  const command = normalize(exec.command ?? '');
  const own = Object.fromEntries((exec.env ?? []).map(({ name = '', value = '' }) => [name, value]));
  const child = spawn(command, exec.args ?? [], {
    env: { ...process.env, ...own, KUBERNETES_EXEC_INFO: text },
    stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
  child.once('error', (error) => {
    reject(notStarted(command, exec.installHint, error));
  });
  child.once('close', (code) => {
    if (code === 0) resolve(printed);
    else reject(new Error(`exec: executable ${command} failed with exit code ${code ?? -1}`));
  });
  return promise;
}

const howToInstall = `

It looks like you are trying to use a client-go credential plugin that is not installed.

To learn more about this feature, consult the documentation available at:
      https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins`;

function notStarted(command: string, installHint: string | undefined, error: NodeJS.ErrnoException): Error {
  if (command.includes(sep)) {
    const problem = error.code === 'EACCES' ? 'permission denied' : 'no such file or directory';
    return new Error(`exec: fork/exec ${command}: ${problem}`, { cause: error });
  }
  const hint = installHint === undefined ? '' : `\n\n${visible(installHint)}`;
  return new Error(`exec: executable ${command} not found${howToInstall}${hint}`, { cause: error });
}

/** A kubeconfig from elsewhere must not move the cursor. Go writes what it takes out as U+001B. */
function visible(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}\p{Z}\t-\r]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  });
}
