/** What Node says when no answer comes, in the words of Go's net/http, which kubectl shows. */

/** undefined when Node's own words are as good as any. */
export function goFailure(
  error: Error & { code?: unknown; hostname?: unknown; syscall?: unknown },
): string | undefined {
  const code = typeof error.code === 'string' ? error.code : '';
  const host = typeof error.hostname === 'string' ? error.hostname : '';
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${host}: no such host`;
  if (code === 'EAI_AGAIN') return `dial tcp: lookup ${host}: Temporary failure in name resolution`;
  if (code === 'ECONNRESET') return resetFailure(error);
  if (code === 'ERR_INVALID_CHAR') return invalidHeader(error.message);
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return tlsFailure(error.message);
  const certificate = certificates[code];
  if (certificate !== undefined) return `tls: failed to verify certificate: x509: ${certificate}`;
  const words = connecting[code];
  return words === undefined ? undefined : `dial tcp: connect: ${words}`;
}

const connecting: Record<string, string> = {
  ETIMEDOUT: 'connection timed out',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
};

const unknownAuthority = 'certificate signed by unknown authority';

/** By Node's names for the results of OpenSSL's check. */
const certificates: Record<string, string> = {
  CERT_HAS_EXPIRED: 'certificate has expired or is not yet valid',
  CERT_NOT_YET_VALID: 'certificate has expired or is not yet valid',
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  CERT_UNTRUSTED: unknownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  INVALID_CA: unknownAuthority,
  INVALID_PURPOSE: 'certificate specifies an incompatible key usage',
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
};

/** Node has one code for both ends: a connection that was closed without an answer, and one that was cut. */
function resetFailure({ message, syscall }: Error & { syscall?: unknown }): string {
  return syscall === undefined && message !== 'aborted' ? 'EOF' : 'read tcp: read: connection reset by peer';
}

function invalidHeader(message: string): string {
  const [, name = ''] = /\["([^"]+)"\]/.exec(message) ?? [];
  return `net/http: invalid header field value for "${name}"`;
}

/** Alerts that the server sends, by OpenSSL's names for them. */
const alerts: readonly [RegExp, string][] = [
  [/alert certificate required/, 'certificate required'],
  [/alert bad certificate/, 'bad certificate'],
  [/alert unknown ca/, 'unknown certificate authority'],
  [/alert certificate expired/, 'expired certificate'],
  [/alert handshake failure/, 'handshake failure'],
  [/alert protocol version/, 'protocol version not supported'],
  [/alert unrecognized name|unrecognized name/, 'unrecognized name'],
  [/alert internal error/, 'internal error'],
  [/alert access denied/, 'access denied'],
];

function tlsFailure(message: string): string | undefined {
  if (/wrong version number|packet length too long|http request/.test(message)) {
    return 'http: server gave HTTP response to HTTPS client';
  }
  const [, words] = alerts.find(([pattern]) => pattern.test(message)) ?? [];
  return words === undefined ? undefined : `remote error: tls: ${words}`;
}
