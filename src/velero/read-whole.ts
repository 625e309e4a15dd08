/** Reads a file of the store into memory: whoever writes the store may have made it of any size. */
import type { Readable } from 'node:stream';
import { FailedError, reasonOf } from '../errors.ts';

/** @throws FailedError when it is larger than `mostBytes`, or the connection breaks off */
export async function readWhole(file: Readable, mostBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of unbroken(file)) {
    bytes += part.length;
    if (bytes > mostBytes) throw new FailedError(`a file of the store is larger than ${mostBytes / 2 ** 20} MiB`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The bytes of a file as they come. @throws FailedError when the connection breaks off */
export async function* unbroken(file: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const part of file) yield Buffer.from(part as Uint8Array);
  } catch (error) {
    throw new FailedError(`the store broke off in the middle of a file: ${reasonOf(error)}`, { cause: error });
  }
}
