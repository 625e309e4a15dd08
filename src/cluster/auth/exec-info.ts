/** What an exec plugin is told, in KUBERNETES_EXEC_INFO. */
import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { Target } from '../config.ts';
import { interactiveModeOf } from '../kubeconfig/check.ts';
import type { ExecEntry } from '../kubeconfig/shape.ts';

export interface ExecInfo {
  /** The program may read what the user types. */
  interactive: boolean;
  /** JSON. */
  text: string;
}

/** The extension of a cluster entry whose value is handed to the program. */
const extensionName = 'client.authentication.k8s.io/exec';

/** @throws Error when the program must be able to ask, and nobody is there */
export function execInfo(target: Target, exec: ExecEntry): ExecInfo {
  const interactive = isInteractive(interactiveModeOf(exec));
  const spec = { ...(exec.provideClusterInfo === true && { cluster: clusterInfo(target) }), interactive };
  return { interactive, text: `${JSON.stringify({ kind: 'ExecCredential', apiVersion: exec.apiVersion, spec })}\n` };
}

function isInteractive(mode: string | undefined): boolean {
  if (mode === 'Never') return false;
  const isTerminal = isatty(0);
  if (mode === 'Always' && !isTerminal) {
    throw new Error('exec plugin cannot support interactive mode: standard input is not a terminal');
  }
  return isTerminal;
}

function clusterInfo({ cluster }: Target): object {
  const path = cluster['certificate-authority'];
  const authority = cluster['certificate-authority-data'] ?? (path === undefined ? undefined : readFileSync(path));
  const config = cluster.extensions?.find(({ name }) => name === extensionName)?.extension;
  return {
    server: cluster.server,
    'tls-server-name': cluster['tls-server-name'],
    ...(cluster['insecure-skip-tls-verify'] === true && { 'insecure-skip-tls-verify': true }),
    'certificate-authority-data': authority?.toString('base64'),
    'proxy-url': cluster['proxy-url'],
    ...(cluster['disable-compression'] === true && { 'disable-compression': true }),
    // client-go writes it also when there is none.
    config: config ?? null,
  };
}
