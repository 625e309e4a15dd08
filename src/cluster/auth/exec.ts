/** Credentials from a program that the kubeconfig names (client-go plugin/pkg/client/auth/exec). */
import { normalize } from 'node:path';
import type { Target } from '../config.ts';
import { ClusterError } from '../../errors.ts';
import type { ExecEntry } from '../kubeconfig/shape.ts';
import type { Credentials, CredentialSource } from './credentials.ts';
import { readExecAnswer } from './exec-answer.ts';
import { execInfo } from './exec-info.ts';

const versions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

/**
 * Runs the program when credentials are first needed, when they have expired, and when the server refuses them.
 * Requests that need them meanwhile wait for the one run.
 * @throws ClusterError when the entry's version isn't one of ours
 */
export function execSource(target: Target, exec: ExecEntry, now: () => number = Date.now): CredentialSource {
  const version = exec.apiVersion ?? '';
  if (!versions.includes(version)) throw new ClusterError(`error: exec plugin: invalid apiVersion "${version}"`, 0, '');
  let held: { credentials: Credentials; expiresAtMs: number } | undefined;
  let running: Promise<Credentials> | undefined;

  const run = (): Promise<Credentials> =>
    (running ??= ask(target, exec)
      .then((answer) => (held = answer).credentials)
      .finally(() => (running = undefined)));

  return {
    current: async () => (held !== undefined && now() <= held.expiresAtMs ? held.credentials : run()),
    renew: async (refused) => {
      const renewed = held?.credentials === refused ? await run() : await (running ?? held?.credentials);
      return JSON.stringify(renewed) !== JSON.stringify(refused);
    },
  };
}

async function ask(target: Target, exec: ExecEntry): Promise<{ credentials: Credentials; expiresAtMs: number }> {
  try {
    // Most kubeconfigs name no program: they don't wait for what runs one.
    const [{ runPlugin }, { checkPolicy }] = await Promise.all([import('./exec-run.ts'), import('./exec-policy.ts')]);
    checkPolicy(normalize(exec.command ?? ''));
    return readExecAnswer(await runPlugin(exec, execInfo(target, exec)), exec.apiVersion ?? '');
  } catch (error) {
    throw error instanceof Error ? new Error(`getting credentials: ${error.message}`, { cause: error }) : error;
  }
}
