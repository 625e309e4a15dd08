/** What an exec plugin printed. */
import { parseYaml } from '../kubeconfig/yaml.ts';
import { pairProblem } from './certificate.ts';
import type { Credentials } from './credentials.ts';

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

/**
 * @param text what the program printed: an ExecCredential
 * @param version of the interface, as the kubeconfig has it
 * @throws Error with client-go's words
 */
export function readExecAnswer(text: string, version: string): { credentials: Credentials; expiresAtMs: number } {
  // What says nothing of its kind is read as what client-go calls its internal version, and refused as that.
  const { apiVersion = 'client.authentication.k8s.io/__internal', kind = 'ExecCredential', status } = parseAnswer(text);
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
  if (value === undefined || value === null) return {};
  if (typeof value === 'object') return value;
  throw new Error("decoding stdout: couldn't get version/kind; json parse error");
}
