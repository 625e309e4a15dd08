/** Reads by itself what the signer wrote: from the load command to the hash of each page, big-endian throughout. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

export function checkSignature(program: Buffer): void {
  let at = 32;
  let [from, size] = [0, 0];
  for (let left = program.readUInt32LE(16); left > 0; left--) {
    if (program.readUInt32LE(at) === 0x1d) [from, size] = [program.readUInt32LE(at + 8), program.readUInt32LE(at + 12)];
    at += program.readUInt32LE(at + 4);
  }
  assert.equal(from + size, program.length);
  assert.equal(from % 16, 0);
  const blob = program.subarray(from);
  assert.deepEqual([blob.readUInt32BE(0), blob.readUInt32BE(8), blob.readUInt32BE(12)], [0xfade0cc0, 1, 0]);
  const directory = blob.subarray(blob.readUInt32BE(16));
  assert.equal(directory.readUInt32BE(0), 0xfade0c02);
  const [hashesAt, identifierAt] = [directory.readUInt32BE(16), directory.readUInt32BE(20)];
  const [pages, limit] = [directory.readUInt32BE(28), directory.readUInt32BE(32)];
  assert.equal(limit, from);
  assert.equal(directory.toString('latin1', identifierAt, directory.indexOf(0, identifierAt)), 'kubectl-pvsnap');
  assert.equal(pages, Math.ceil(limit / 4096));
  for (let page = 0; page < pages; page++) {
    const bytes = program.subarray(page * 4096, Math.min((page + 1) * 4096, limit));
    const hash = directory.subarray(hashesAt + page * 32, hashesAt + (page + 1) * 32);
    assert.ok(createHash('sha256').update(bytes).digest().equals(hash), `page ${page}`);
  }
}
