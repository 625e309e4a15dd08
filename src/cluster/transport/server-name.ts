/** Whether a certificate speaks for the name that we asked for, by Go's rules (crypto/x509 VerifyHostname). */
import { isIP } from 'node:net';
import type { PeerCertificate } from 'node:tls';
import tls from 'node:tls';

/** @returns what Go says when it doesn't: unlike Node, Go never looks at the common name */
export function checkName(name: string, certificate: PeerCertificate): Error | undefined {
  const names = alternativeNames(certificate);
  if (isIP(name) !== 0) {
    const addresses = names.filter(({ kind }) => kind === 'IP Address').map(({ value }) => value);
    if (addresses.length === 0) {
      return refused(`cannot validate certificate for ${name} because it doesn't contain any IP SANs`);
    }
    return tls.checkServerIdentity(name, certificate) && notValidFor(addresses, name);
  }
  const hosts = names.filter(({ kind }) => kind === 'DNS').map(({ value }) => value);
  if (names.length === 0 && certificate.subject.CN === name) {
    return refused('certificate relies on legacy Common Name field, use SANs instead');
  }
  if (hosts.length === 0) return refused(`certificate is not valid for any names, but wanted to match ${name}`);
  return tls.checkServerIdentity(name, certificate) && notValidFor(hosts, name);
}

interface AlternativeName {
  kind: string;
  value: string;
}

function alternativeNames({ subjectaltname = '' }: PeerCertificate): AlternativeName[] {
  return subjectaltname
    .split(', ')
    .filter((entry) => entry !== '')
    .map((entry) => ({ kind: entry.slice(0, entry.indexOf(':')), value: entry.slice(entry.indexOf(':') + 1) }));
}

function notValidFor(names: readonly string[], name: string): Error {
  return refused(`certificate is valid for ${names.join(', ')}, not ${name}`);
}

function refused(words: string): Error {
  return new Error(`tls: failed to verify certificate: x509: ${words}`);
}
