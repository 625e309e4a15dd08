/** The pieces of DER (ITU-T X.690) that a certificate is made of: Node can sign one, but not write it. */

export function sequence(...parts: Uint8Array[]): Buffer {
  return element(0x30, ...parts);
}

export function set(...parts: Uint8Array[]): Buffer {
  return element(0x31, ...parts);
}

/** A part with a context-specific tag that holds other parts, `[number] EXPLICIT`. */
export function explicit(number: number, ...parts: Uint8Array[]): Buffer {
  return element(0xa0 + number, ...parts);
}

/** A part with a context-specific tag that holds bytes, `[number] IMPLICIT`. */
export function implicit(number: number, bytes: Uint8Array): Buffer {
  return element(0x80 + number, bytes);
}

/** @param bytes big-endian; a leading zero is put in front of what would read as negative */
export function integer(bytes: Uint8Array): Buffer {
  return element(0x02, Uint8Array.of(...((bytes[0] ?? 0) >= 0x80 ? [0] : [])), bytes);
}

export function boolean(value: boolean): Buffer {
  return element(0x01, Uint8Array.of(value ? 0xff : 0));
}

export function octets(bytes: Uint8Array): Buffer {
  return element(0x04, bytes);
}

/** @param unusedBits how many of the last byte's low bits don't count */
export function bits(bytes: Uint8Array, unusedBits = 0): Buffer {
  return element(0x03, Uint8Array.of(unusedBits), bytes);
}

export function utf8(text: string): Buffer {
  return element(0x0c, Buffer.from(text, 'utf8'));
}

/** A moment to the second, as UTCTime, which certificates must use up to the year 2049 (RFC 5280, 4.1.2.5). */
export function time(moment: Date): Buffer {
  const digits = moment.toISOString().slice(2, 19).replaceAll(/[-:T]/g, '');
  return element(0x17, Buffer.from(`${digits}Z`, 'ascii'));
}

/** @param dotted such as `2.5.4.3` */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(0x06, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function element(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.from([tag, ...lengthOf(content)]), content]);
}

function lengthOf(content: Uint8Array): number[] {
  const length = content.length;
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}
