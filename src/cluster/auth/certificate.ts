/** A client certificate, from the kubeconfig or from files that something else keeps fresh. */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ClusterError, reasonOf } from '../../errors.ts';
import { fileProblem } from '../kubeconfig/files.ts';
import type { UserEntry } from '../kubeconfig/shape.ts';
import type { Credentials, CredentialSource } from './credentials.ts';

/** client-go reads the files at most this often. */
const freshMs = 1000;

/**
 * undefined when the user has no certificate.
 * @throws ClusterError when one can't be read, or they don't belong together
 */
export function certificateSource(user: UserEntry, now: () => number = Date.now): CredentialSource | undefined {
  const hasCertificate = user['client-certificate'] !== undefined || user['client-certificate-data'] !== undefined;
  if (!hasCertificate) return undefined;
  let held = readPair(user);
  let readAtMs = now();
  const isData = user['client-certificate-data'] !== undefined || user['client-key-data'] !== undefined;
  return {
    current: () => {
      if (!isData && now() - readAtMs > freshMs) {
        held = readPair(user);
        readAtMs = now();
      }
      return Promise.resolve(held);
    },
  };
}

function readPair(user: UserEntry): Credentials {
  const cert = user['client-certificate-data'] ?? readPem(user['client-certificate'] ?? '');
  const key = user['client-key-data'] ?? readPem(user['client-key'] ?? '');
  const problem = pairProblem(cert.toString(), key.toString());
  if (problem !== undefined) throw new ClusterError(`error: ${problem}`, 0, '');
  return { certificate: { cert, key } };
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ClusterError(`error: ${fileProblem(error, path) ?? reasonOf(error)}`, 0, '', { cause: error });
  }
}

/** What Go's tls.X509KeyPair says of them; undefined when they fit. */
export function pairProblem(cert: string, key: string): string | undefined {
  const isPem = (text: string): boolean => /^-----BEGIN [^-]+-----$/m.test(text);
  if (!isPem(cert)) return 'tls: failed to find any PEM data in certificate input';
  if (!cert.includes('-----BEGIN CERTIFICATE-----')) {
    return cert.includes('PRIVATE KEY-----')
      ? 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
      : 'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: []';
  }
  if (!isPem(key)) return 'tls: failed to find any PEM data in key input';
  if (!/-----BEGIN (.* )?PRIVATE KEY-----/.test(key)) {
    return 'tls: found a certificate rather than a key in the PEM for the private key';
  }
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
      ? undefined
      : 'tls: private key does not match public key';
  } catch (error) {
    return `tls: failed to parse the client certificate or its key: ${reasonOf(error)}`;
  }
}
