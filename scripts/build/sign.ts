/**
 * Signs a Mach-O program ad hoc: hashes of its pages, and nobody's name. Darwin on arm64 kills a program without one, and
 * Node's own became void when the parts were put in. Layout: xnu's osfmk/kern/cs_blobs.h. All of it is big-endian.
 */
import { createHash } from 'node:crypto';
import { addCommand, commandsOf, LC_CODE_SIGNATURE, LC_SEGMENT_64, type LoadCommand } from './mach-o.ts';

const PAGE_BYTES = 4096;
const HASH_BYTES = 32;
const SUPER_BLOB_MAGIC = 0xfade0cc0;
const CODE_DIRECTORY_MAGIC = 0xfade0c02;
/** The first that knows of executable segments. */
const CODE_DIRECTORY_VERSION = 0x20400;
const CODE_DIRECTORY_BYTES = 88;
const SUPER_BLOB_HEAD_BYTES = 20;
/** CS_ADHOC and CS_LINKER_SIGNED: who signs again need not be asked. */
const FLAGS = 0x20002;
const HASH_IS_SHA256 = 2;
const IS_MAIN_BINARY = 1n;

/** @throws Error when the file isn't laid out as Node's builds are */
export function signAdHoc(program: Buffer, identifier: string): Buffer {
  const commands = commandsOf(program);
  const linkEdit = segmentNamed(commands, '__LINKEDIT');
  const text = segmentNamed(commands, '__TEXT');
  // pkg takes the former signature out, and its command with it.
  if (commands.some(({ type }) => type === LC_CODE_SIGNATURE)) throw new Error('a Mach-O file that is signed already');
  const from = Math.ceil(program.length / 16) * 16;
  const size = signatureBytes(from, identifier);
  addCommand(program, [LC_CODE_SIGNATURE, 16, from, size]);
  const fileBytes = from + size - Number(linkEdit.bytes.readBigUInt64LE(40));
  linkEdit.bytes.writeBigUInt64LE(BigInt(fileBytes), 48);
  linkEdit.bytes.writeBigUInt64LE(BigInt(Math.ceil(fileBytes / 0x4000) * 0x4000), 32);
  const code = Buffer.concat([program], from);
  const textRange = { at: text.bytes.readBigUInt64LE(40), bytes: text.bytes.readBigUInt64LE(48) };
  return Buffer.concat([code, signatureOf(code, identifier, textRange, size)]);
}

function segmentNamed(commands: LoadCommand[], name: string): LoadCommand {
  const found = commands.find(
    ({ type, bytes }) => type === LC_SEGMENT_64 && bytes.toString('latin1', 8, 24).replace(/\0+$/, '') === name,
  );
  if (!found) throw new Error(`a Mach-O file without ${name}`);
  return found;
}

function signatureBytes(codeBytes: number, identifier: string): number {
  const pages = Math.ceil(codeBytes / PAGE_BYTES);
  const bytes = SUPER_BLOB_HEAD_BYTES + CODE_DIRECTORY_BYTES + identifier.length + 1 + pages * HASH_BYTES;
  return Math.ceil(bytes / 16) * 16;
}

function signatureOf(code: Buffer, identifier: string, text: { at: bigint; bytes: bigint }, size: number): Buffer {
  const pages = Math.ceil(code.length / PAGE_BYTES);
  const hashesAt = CODE_DIRECTORY_BYTES + identifier.length + 1;
  const directoryBytes = hashesAt + pages * HASH_BYTES;
  const signature = Buffer.alloc(size);
  writeAll(signature, 0, [SUPER_BLOB_MAGIC, SUPER_BLOB_HEAD_BYTES + directoryBytes, 1, 0, SUPER_BLOB_HEAD_BYTES]);
  const directory = signature.subarray(SUPER_BLOB_HEAD_BYTES);
  writeAll(directory, 0, [CODE_DIRECTORY_MAGIC, directoryBytes, CODE_DIRECTORY_VERSION, FLAGS]);
  writeAll(directory, 16, [hashesAt, CODE_DIRECTORY_BYTES, 0, pages, code.length]);
  directory.set([HASH_BYTES, HASH_IS_SHA256, 0, Math.log2(PAGE_BYTES)], 36);
  directory.writeBigUInt64BE(text.at, 64);
  directory.writeBigUInt64BE(text.bytes, 72);
  directory.writeBigUInt64BE(IS_MAIN_BINARY, 80);
  directory.write(identifier, CODE_DIRECTORY_BYTES, 'latin1');
  for (let page = 0; page < pages; page++) {
    const bytes = code.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
    createHash('sha256')
      .update(bytes)
      .digest()
      .copy(directory, hashesAt + page * HASH_BYTES);
  }
  return signature;
}

function writeAll(buffer: Buffer, from: number, values: number[]): void {
  for (const [index, value] of values.entries()) buffer.writeUInt32BE(value, from + index * 4);
}
