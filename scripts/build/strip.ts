/**
 * Takes what only a debugger reads out of an ELF file: sections that aren't loaded. Our own, so that the same bytes come
 * out on every machine, whatever tools it has for whatever processor.
 */

const SECTION_HEADER_BYTES = 64;
const SHF_ALLOC = 2n;
const SHT_NOBITS = 8;

interface Section {
  header: Buffer;
  name: string;
  isLoaded: boolean;
  end: number;
}

/** @throws Error when the file isn't laid out as Node's builds are */
export function strip(elf: Buffer): Buffer {
  if (elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1) throw new Error('not a 64-bit ELF file');
  const [nothing, ...sections] = sectionsOf(elf);
  const loaded = sections.filter(({ isLoaded }) => isLoaded);
  const rest = sections.slice(loaded.length);
  const end = Math.max(...loaded.map((section) => section.end));
  // What stays keeps its number and its place, so that nothing that refers to it changes.
  if (!nothing || rest.some(({ isLoaded }) => isLoaded)) throw new Error('loaded sections are not the first ones');
  return joined(elf.subarray(0, end), nothing, loaded);
}

function sectionsOf(elf: Buffer): Section[] {
  const at = Number(elf.readBigUInt64LE(0x28));
  const count = elf.readUInt16LE(0x3c);
  const headers = Array.from({ length: count }, (_, index) =>
    elf.subarray(at + index * SECTION_HEADER_BYTES, at + (index + 1) * SECTION_HEADER_BYTES),
  );
  const names = headers[elf.readUInt16LE(0x3e)];
  if (!names) throw new Error('an ELF file without names of sections');
  const namesAt = Number(names.readBigUInt64LE(0x18));
  return headers.map((header) => {
    const nameAt = namesAt + header.readUInt32LE(0);
    const size = header.readUInt32LE(4) === SHT_NOBITS ? 0 : Number(header.readBigUInt64LE(0x20));
    return {
      header: Buffer.from(header),
      name: elf.toString('latin1', nameAt, elf.indexOf(0, nameAt)),
      isLoaded: (header.readBigUInt64LE(8) & SHF_ALLOC) !== 0n,
      end: Number(header.readBigUInt64LE(0x18)) + size,
    };
  });
}

/** The loaded bytes, then the names of their sections, then the table of sections. */
function joined(loadedBytes: Buffer, nothing: Section, loaded: Section[]): Buffer {
  const nameTable = Buffer.from(['', ...loaded.map(({ name }) => name), '.shstrtab', ''].join('\0'), 'latin1');
  let nameAt = 1;
  for (const { header, name } of loaded) {
    header.writeUInt32LE(nameAt, 0);
    nameAt += name.length + 1;
  }
  const names = Buffer.alloc(SECTION_HEADER_BYTES);
  names.writeUInt32LE(nameAt, 0);
  names.writeUInt32LE(3, 4);
  names.writeBigUInt64LE(BigInt(loadedBytes.length), 0x18);
  names.writeBigUInt64LE(BigInt(nameTable.length), 0x20);
  names.writeBigUInt64LE(1n, 0x30);
  const tableAt = Math.ceil((loadedBytes.length + nameTable.length) / 8) * 8;
  const padding = Buffer.alloc(tableAt - loadedBytes.length - nameTable.length);
  const table = [nothing, ...loaded].map(({ header }) => header);
  const elf = Buffer.concat([loadedBytes, nameTable, padding, ...table, names]);
  elf.writeBigUInt64LE(BigInt(tableAt), 0x28);
  elf.writeUInt16LE(loaded.length + 2, 0x3c);
  elf.writeUInt16LE(loaded.length + 1, 0x3e);
  return elf;
}
