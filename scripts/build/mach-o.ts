/** The load commands of a Mach-O program, as they stand in it: what is written to them is written to the program. */
export const LC_SEGMENT_64 = 0x19;
export const LC_CODE_SIGNATURE = 0x1d;

const MAGIC_64 = 0xfeedfacf;
const HEADER_BYTES = 32;

export interface LoadCommand {
  type: number;
  /** Begins with type and size. */
  bytes: Buffer;
}

export function commandsOf(program: Buffer): LoadCommand[] {
  if (program.readUInt32LE(0) !== MAGIC_64) throw new Error('not a 64-bit Mach-O file');
  const commands: LoadCommand[] = [];
  let at = HEADER_BYTES;
  for (let left = program.readUInt32LE(16); left > 0; left--) {
    const size = program.readUInt32LE(at + 4);
    commands.push({ type: program.readUInt32LE(at), bytes: program.subarray(at, at + size) });
    at += size;
  }
  return commands;
}

/** Behind the others, where the linker has left room. @throws Error when there is none */
export function addCommand(program: Buffer, words: readonly number[]): void {
  const count = program.readUInt32LE(16);
  const bytes = program.readUInt32LE(20);
  const room = program.subarray(HEADER_BYTES + bytes, HEADER_BYTES + bytes + words.length * 4);
  if (room.some((byte) => byte !== 0)) throw new Error('a Mach-O file without room for another load command');
  for (const [index, word] of words.entries()) room.writeUInt32LE(word, index * 4);
  program.writeUInt32LE(count + 1, 16);
  program.writeUInt32LE(bytes + words.length * 4, 20);
}
