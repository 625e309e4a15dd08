/** Writes zip archives in which nothing tells when and by whom they were made. */
import { crc32, deflateRawSync } from 'node:zlib';
import type { ArchiveFile } from './tar.ts';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
const MADE_BY_UNIX = (3 << 8) | VERSION;
const DEFLATED = 8;
/** 1980-01-01, the first day that the format knows. */
const DATE = 0x21;
const REGULAR_FILE = 0o100000;

export function zip(files: readonly ArchiveFile[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const name = Buffer.from(file.name, 'latin1');
    const packed = deflateRawSync(file.content, { level: 9 });
    const described = describe(file, packed, name);
    const entry = Buffer.concat([fields([LOCAL, 4]), described, name, packed]);
    const mode = REGULAR_FILE | (file.isExecutable ? 0o755 : 0o644);
    const place = fields([0, 2], [0, 2], [0, 2], [mode * 0x10000, 4], [offset, 4]);
    central.push(Buffer.concat([fields([CENTRAL, 4], [MADE_BY_UNIX, 2]), described, place, name]));
    local.push(entry);
    offset += entry.length;
  }
  const directory = Buffer.concat(central);
  const counts: Field[] = [
    [files.length, 2],
    [files.length, 2],
    [directory.length, 4],
    [offset, 4],
  ];
  return Buffer.concat([...local, directory, fields([END, 4], [0, 2], [0, 2], ...counts, [0, 2])]);
}

/** What stands both before a file and in the directory. */
function describe({ content }: ArchiveFile, packed: Buffer, name: Buffer): Buffer {
  const sizes: Field[] = [
    [crc32(content), 4],
    [packed.length, 4],
    [content.length, 4],
  ];
  return fields([VERSION, 2], [0, 2], [DEFLATED, 2], [0, 2], [DATE, 2], ...sizes, [name.length, 2], [0, 2]);
}

type Field = [value: number, bytes: 2 | 4];

function fields(...all: Field[]): Buffer {
  const buffers = all.map(([value, bytes]) => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeUIntLE(value, 0, bytes);
    return buffer;
  });
  return Buffer.concat(buffers);
}
