/** Compiled parts in one file: a digest, the program's key, then the parts, each where V8 can read it in place. */
import { hash } from 'node:crypto';

export type CompiledCode = ReadonlyMap<string, Uint8Array>;

const DIGEST_BYTES = 64;
/** V8 copies code that isn't aligned. */
const ALIGNMENT = 8;

interface Head {
  key: string;
  /** Names with their sizes in bytes, in the order in which they lie in the file. */
  parts: [string, number][];
}

export function packCode(code: CompiledCode, key: string): Uint8Array {
  const head: Head = { key, parts: [...code].map(([name, data]) => [name, data.byteLength]) };
  const text = `${JSON.stringify(head)}\n`;
  const padded = [Buffer.from(text.padStart(alignedSize(text.length))), ...[...code.values()].map(withPadding)];
  const body = Buffer.concat(padded);
  return Buffer.concat([Buffer.from(hash('sha256', body)), body]);
}

/** @returns nothing when the file is of another program, cut off or damaged */
export function unpackCode(file: Uint8Array | undefined, key: string): CompiledCode | undefined {
  if (file === undefined) return undefined;
  const body = file.subarray(DIGEST_BYTES);
  if (Buffer.from(file.subarray(0, DIGEST_BYTES)).toString('latin1') !== hash('sha256', body)) return undefined;
  const headEnd = body.indexOf(0x0a) + 1;
  const head = JSON.parse(Buffer.from(body.subarray(0, headEnd)).toString()) as Head;
  if (head.key !== key) return undefined;
  let offset = headEnd;
  return new Map(
    head.parts.map(([name, size]) => {
      const data = body.subarray(offset, offset + size);
      offset += alignedSize(size);
      return [name, data];
    }),
  );
}

function withPadding(data: Uint8Array): Uint8Array {
  return Buffer.concat([data], alignedSize(data.byteLength));
}

function alignedSize(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}
