/** The authorities that the machine's owner trusts, where Go's crypto/x509 looks for them. */
import { readFileSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import tls from 'node:tls';

/** One for each family of Linux distributions. The first that exists is all. */
const bundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** Node's own list where none are found: it is the better guess then. */
export function systemAuthorities(): string[] {
  if (process.platform === 'darwin' || process.platform === 'win32') return tls.getCACertificates('system');
  const { SSL_CERT_FILE = '', SSL_CERT_DIR = '' } = process.env;
  const [bundle] = (SSL_CERT_FILE === '' ? bundles : [SSL_CERT_FILE]).flatMap((path) => textOf(path) ?? []);
  const folders = SSL_CERT_DIR === '' ? [] : SSL_CERT_DIR.split(delimiter);
  const found = [...(bundle === undefined ? [] : [bundle]), ...folders.flatMap(filesIn)];
  return found.length === 0 ? [...tls.rootCertificates] : found;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((name) => textOf(join(folder, name)) ?? []);
  } catch {
    return [];
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
