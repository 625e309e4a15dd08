import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linesOf } from '../../src/cluster/lines.ts';

const read = (...chunks: Buffer[]): Promise<string[]> => Array.fromAsync(linesOf(asStream(chunks)));

async function* asStream(chunks: Buffer[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

/** The same bytes in chunks of the sizes given, then the rest. */
function split(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  let at = 0;
  const chunks = sizes.map((size) => bytes.subarray(at, (at += size)));
  return [...chunks, bytes.subarray(at)];
}

test('lines are the same however the bytes are cut, also within a character', async () => {
  const line = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\n'));
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(fc.nat(7), { maxLength: 60 }), async (lines, sizes) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      assert.deepEqual(await read(...split(bytes, sizes)), lines);
    }),
  );
});

test('what stands after the last line end is dropped, and so are empty lines', async () => {
  assert.deepEqual(await read(Buffer.from('a\n\n\nb\n{"type":"ADD')), ['a', 'b']);
  assert.deepEqual(await read(), []);
});

test('a line is given out before the stream ends', async () => {
  const lines = linesOf(
    (async function* () {
      yield Buffer.from('first\nsec');
      await new Promise(() => undefined);
    })(),
  );
  assert.equal((await lines.next()).value, 'first');
});
