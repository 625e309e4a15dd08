/** Credentials from a program that the kubeconfig names (client-go plugin/pkg/client/auth/exec). */
import type { Target } from '../config.ts';
import { ClusterError } from '../../errors.ts';
import type { ExecEntry } from '../kubeconfig/shape.ts';
import { pairProblem } from './certificate.ts';
import type { Credentials, CredentialSource } from './credentials.ts';
import { execInfo } from './exec-info.ts';
import { runPlugin } from './exec-run.ts';
import { parseYaml } from '../kubeconfig/yaml.ts';

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
    return readAnswer(await runPlugin(exec, execInfo(target, exec)), exec.apiVersion ?? '');
  } catch (error) {
    throw error instanceof Error ? new Error(`getting credentials: ${error.message}`, { cause: error }) : error;
  }
}

interface Answer {
  apiVersion?: unknown;
  kind?: unknown;
  status?: {
    token?: string;
    clientCertificateData?: string;
    clientKeyData?: string;
    expirationTimestamp?: string;
  };
}

/** @param text what the program printed: an ExecCredential */
function readAnswer(text: string, version: string): { credentials: Credentials; expiresAtMs: number } {
  const { apiVersion = '', kind = '', status } = parseAnswer(text);
  if (kind !== 'ExecCredential') {
    throw new Error(`decoding stdout: no kind "${String(kind)}" is registered for version "${String(apiVersion)}"`);
  }
  if (apiVersion !== version) {
    const versions = `API version ${version}, plugin returned version ${String(apiVersion)}`;
    throw new Error(`exec plugin is configured to use ${versions}`);
  }
  if (status === undefined) throw new Error("exec plugin didn't return a status field");
  const { token = '', clientCertificateData: cert = '', clientKeyData: key = '', expirationTimestamp } = status;
  if (token === '' && cert === '' && key === '') {
    throw new Error("exec plugin didn't return a token or cert/key pair");
  }
  if ((cert === '') !== (key === '')) throw new Error('exec plugin returned only certificate or key, not both');
  const problem = cert === '' ? undefined : pairProblem(cert, key);
  if (problem !== undefined) throw new Error(`failed parsing client key/certificate: ${problem}`);
  return {
    credentials: {
      ...(token !== '' && { authorization: `Bearer ${token}` }),
      ...(cert !== '' && { certificate: { cert, key } }),
    },
    expiresAtMs: expirationTimestamp === undefined ? Infinity : Date.parse(expirationTimestamp),
  };
}

function parseAnswer(text: string): Answer {
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    throw new Error(`decoding stdout: couldn't get version/kind; json parse error: ${String(error)}`, { cause: error });
  }
  if (typeof value === 'object' && value !== null) return value;
  throw new Error("decoding stdout: couldn't get version/kind; json parse error");
}
