/** The certificates of a cluster that lives for an hour: one authority, one for the API server, one for each identity. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { bits, boolean, explicit, implicit, integer, objectId, octets, sequence, set, time, utf8 } from './der.ts';

const ECDSA_WITH_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));
const SERVER_AUTH = objectId('1.3.6.1.5.5.7.3.1');
const CLIENT_AUTH = objectId('1.3.6.1.5.5.7.3.2');
const DIGITAL_SIGNATURE = bits(Uint8Array.of(0b1000_0000), 7);
const SIGNS_CERTIFICATES = bits(Uint8Array.of(0b0000_0100), 2);
const DAY_MS = 86_400_000;

/** A certificate and its key, both PEM. */
export interface Certificate {
  certificate: string;
  key: string;
}

/** Who a certificate speaks for: the API server takes the common name for the user, organizations for its groups. */
export interface Subject {
  commonName: string;
  organizations?: string[];
}

export interface Authority extends Certificate {
  issueClient(subject: Subject): Certificate;
  /** @param names the DNS names and IPv4 addresses that the server is called by */
  issueServer(subject: Subject, names: string[]): Certificate;
}

export function createAuthority(subject: Subject): Authority {
  const key = newKey();
  const extensions = [
    extension('2.5.29.19', sequence(boolean(true)), { critical: true }),
    extension('2.5.29.15', SIGNS_CERTIFICATES, { critical: true }),
  ];
  const issuer: Issuer = { name: distinguishedName(subject), key };
  return openAuthority(subject, { certificate: certificateFor(subject, key, extensions, issuer), key: toPem(key) });
}

/** An authority that was made earlier. @param subject what it was made with */
export function openAuthority(subject: Subject, { certificate, key }: Certificate): Authority {
  const issuer: Issuer = { name: distinguishedName(subject), key: createPrivateKey(key) };
  const issue = (to: Subject, purpose: Buffer, more: Buffer[]): Certificate => {
    const own = newKey();
    const usage = [extension('2.5.29.15', DIGITAL_SIGNATURE), extension('2.5.29.37', sequence(purpose)), ...more];
    return { certificate: certificateFor(to, own, usage, issuer), key: toPem(own) };
  };
  return {
    certificate,
    key,
    issueClient: (to) => issue(to, CLIENT_AUTH, []),
    issueServer: (to, names) => issue(to, SERVER_AUTH, [extension('2.5.29.17', sequence(...names.map(generalName)))]),
  };
}

/** A private key in the PEM form that Kubernetes reads for service account tokens. */
export function createKey(): string {
  return toPem(newKey());
}

interface Issuer {
  name: Buffer;
  key: KeyObject;
}

function certificateFor(subject: Subject, key: KeyObject, extensions: Buffer[], issuer: Issuer): string {
  const now = Date.now();
  const toSign = sequence(
    explicit(0, integer(Uint8Array.of(2))),
    integer(Uint8Array.of(1, ...randomBytes(15))),
    ECDSA_WITH_SHA256,
    issuer.name,
    // A day back, for a clock that is set right while the cluster runs.
    sequence(time(new Date(now - DAY_MS)), time(new Date(now + 30 * DAY_MS))),
    distinguishedName(subject),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions)),
  );
  const der = sequence(toSign, ECDSA_WITH_SHA256, bits(sign('sha256', toSign, issuer.key)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function distinguishedName({ commonName, organizations = [] }: Subject): Buffer {
  const attribute = (id: string, value: string): Buffer => set(sequence(objectId(id), utf8(value)));
  return sequence(
    ...organizations.map((organization) => attribute('2.5.4.10', organization)),
    attribute('2.5.4.3', commonName),
  );
}

function extension(id: string, value: Buffer, { critical = false } = {}): Buffer {
  return sequence(objectId(id), ...(critical ? [boolean(true)] : []), octets(value));
}

function generalName(name: string): Buffer {
  const isAddress = /^\d+(\.\d+){3}$/.test(name);
  return isAddress ? implicit(7, Uint8Array.from(name.split('.').map(Number))) : implicit(2, Buffer.from(name));
}

function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

function toPem(key: KeyObject): string {
  return key.export({ type: 'sec1', format: 'pem' }).toString();
}
