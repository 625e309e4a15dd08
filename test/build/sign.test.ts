/** Ad-hoc signatures, on the smallest program that has all that is signed. `npm run release` checks the real ones. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { signAdHoc } from '../../scripts/build/sign.ts';
import { checkSignature } from './mach-o-signature.ts';

const SEGMENT_BYTES = 72;
const TEXT_BYTES = 0x2000;

/** @param tailBytes of its last segment */
function smallProgram(tailBytes: number): Buffer {
  const program = Buffer.alloc(TEXT_BYTES + tailBytes, 0x5a);
  program.fill(0, 0, 0x400);
  program.writeUInt32LE(0xfeedfacf, 0);
  program.writeUInt32LE(2, 16);
  program.writeUInt32LE(2 * SEGMENT_BYTES, 20);
  writeSegment(program.subarray(32), '__TEXT', 0, TEXT_BYTES);
  writeSegment(program.subarray(32 + SEGMENT_BYTES), '__LINKEDIT', TEXT_BYTES, tailBytes);
  return program;
}

function writeSegment(command: Buffer, name: string, at: number, bytes: number): void {
  command.writeUInt32LE(0x19, 0);
  command.writeUInt32LE(SEGMENT_BYTES, 4);
  command.write(name, 8, 'latin1');
  command.writeBigUInt64LE(BigInt(at), 40);
  command.writeBigUInt64LE(BigInt(bytes), 48);
}

describe('an ad-hoc signature', () => {
  for (const tailBytes of [1, 15, 16, 4095, 4096, 4097, 0x3fff]) {
    test(`has the hash of every page, with ${tailBytes} bytes in the last segment`, () => {
      const signed = signAdHoc(smallProgram(tailBytes), 'kubectl-pvsnap');
      checkSignature(signed);
      // What is loaded last must reach to the end of the file.
      const linkEdit = signed.subarray(32 + SEGMENT_BYTES);
      assert.equal(Number(linkEdit.readBigUInt64LE(48)), signed.length - TEXT_BYTES);
    });
  }

  test('notices a byte that was changed', () => {
    const signed = signAdHoc(smallProgram(100), 'kubectl-pvsnap');
    signed[TEXT_BYTES + 50] = 0;
    assert.throws(() => {
      checkSignature(signed);
    }, /page 2/);
  });

  test('is not put beside another', () => {
    const signed = signAdHoc(smallProgram(100), 'kubectl-pvsnap');
    assert.throws(() => signAdHoc(signed, 'kubectl-pvsnap'), /signed already/);
  });
});
