/** Whom we take for the server: the options of TLS that a cluster entry stands for. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { ClusterError, reasonOf } from '../../errors.ts';
import { fileProblem } from '../kubeconfig/files.ts';
import type { ClusterEntry } from '../kubeconfig/shape.ts';
import { checkName } from './server-name.ts';
import { systemAuthorities } from './system-authorities.ts';

/** @throws ClusterError with kubectl's words */
export function trustOptions(cluster: ClusterEntry): ConnectionOptions {
  const isInsecure = cluster['insecure-skip-tls-verify'] === true;
  const hasAuthority =
    cluster['certificate-authority-data'] !== undefined || cluster['certificate-authority'] !== undefined;
  if (isInsecure && hasAuthority) {
    throw refused('specifying a root certificates file with the insecure flag is not allowed');
  }
  const serverName = cluster['tls-server-name'];
  return {
    ...(isInsecure ? { rejectUnauthorized: false } : authorityOptions(cluster)),
    ...(serverName !== undefined && (isIP(serverName) === 0 ? { servername: serverName } : addressName(serverName))),
  };
}

/** An address is never asked for by name in the handshake (RFC 6066), but looked for in the certificate. */
function addressName(address: string): ConnectionOptions {
  return { servername: '', checkServerIdentity: (_, certificate) => checkName(address, certificate) };
}

type Authority = { [K in 'certificate-authority' | 'certificate-authority-data']?: ClusterEntry[K] | undefined };

/** Without an authority of its own: those that the machine trusts, as Go finds them, not those built into Node. */
export function authorityOptions(authority: Authority): ConnectionOptions {
  const ca = authority['certificate-authority-data'] ?? readAuthority(authority['certificate-authority']);
  if (ca !== undefined && ca.length > 0) checkAuthority(ca.toString());
  const trusted = ca === undefined || ca.length === 0 ? systemAuthorities() : ca;
  return {
    ca: trusted,
    // Go takes any certificate of the bundle for an anchor, also one that isn't self-signed.
    allowPartialTrustChain: true,
    checkServerIdentity: checkName,
  };
}

function readAuthority(path: string | undefined): Buffer | undefined {
  if (path === undefined || path === '') return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    throw refused(fileProblem(error, path) ?? reasonOf(error));
  }
}

function checkAuthority(pem: string): void {
  const blocks = pem.match(/-----BEGIN ([^-]+)-----[\s\S]+?-----END \1-----/g) ?? [];
  if (blocks.length === 0) throw refused('unable to load root certificates: unable to parse bytes as PEM block');
  const certificates = blocks.filter((block) => block.startsWith('-----BEGIN CERTIFICATE-----'));
  if (certificates.some(isCertificate)) return;
  const problem =
    certificates.length > 0
      ? 'failed to parse certificate: x509: malformed certificate'
      : 'no valid certificate authority data seen';
  throw refused(`unable to load root certificates: ${problem}`);
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).subject !== '';
  } catch {
    // Go skips what it can't read, and complains only when nothing is left.
    return false;
  }
}

function refused(words: string): ClusterError {
  return new ClusterError(`error: ${words}`, 0, '');
}
