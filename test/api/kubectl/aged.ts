/** A server's certificate of another time: the authority signs it again with other dates. */
import { sign } from 'node:crypto';
import type { Authority, Certificate } from '../../cluster/certificates.ts';
import { bits, objectId, sequence, time } from '../../cluster/der.ts';

export function aged({ certificate, key }: Certificate, from: Date, to: Date, authority: Authority): Certificate {
  const der = Buffer.from(certificate.replaceAll(/-----.*-----|\s/g, ''), 'base64');
  const toSign = Buffer.from(firstPart(der));
  const [first = 0, second = 0] = utcTimes(toSign);
  time(from).copy(toSign, first);
  time(to).copy(toSign, second);
  const algorithm = sequence(objectId('1.2.840.10045.4.3.2'));
  const whole = sequence(toSign, algorithm, bits(sign('sha256', toSign, authority.key)));
  const body = whole.toString('base64').replaceAll(/(.{64})/g, '$1\n');
  return { certificate: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`, key };
}

/** What is signed: the first element within the outer one. */
function firstPart(der: Buffer): Buffer {
  const start = headerOf(der, 0).size;
  const { size, content } = headerOf(der, start);
  return der.subarray(start, start + size + content);
}

/** Sizes in bytes. The second byte of an element is its length, or how many bytes that takes. */
function headerOf(der: Buffer, at: number): { size: number; content: number } {
  const length = der.readUInt8(at + 1);
  if (length < 0x80) return { size: 2, content: length };
  return { size: 2 + (length & 0x7f), content: der.readUIntBE(at + 2, length & 0x7f) };
}

/** Where the elements of type UTCTime are: 13 bytes, `YYMMDDhhmmssZ`. */
function utcTimes(der: Buffer): number[] {
  return Array.from(der.toString('latin1').matchAll(/\x17\x0d\d{12}Z/g), ({ index }) => index);
}
