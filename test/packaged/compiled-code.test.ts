/** The file of compiled code: what was packed comes back, and nothing that is another program's or damaged. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { packCode, unpackCode } from '../../src/packaged/compiled-code.ts';

const parts = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.uint8Array({ maxLength: 40 })), {
  selector: ([name]) => name,
});

describe('a file of compiled code', () => {
  test('gives back what was packed, each part where V8 can read it in place', () => {
    fc.assert(
      fc.property(parts, fc.string(), (entries, key) => {
        const file = packCode(new Map(entries), key);
        const unpacked = unpackCode(file, key);
        assert.deepEqual(
          [...(unpacked ?? [])].map(([name, data]) => [name, [...data]]),
          entries.map(([name, data]) => [name, [...data]]),
        );
        for (const data of unpacked?.values() ?? []) assert.equal((data.byteOffset - file.byteOffset) % 8, 0);
      }),
    );
  });

  test('of another version of the program is not taken', () => {
    const file = packCode(new Map([['main.js', Buffer.from('code')]]), 'one');
    assert.equal(unpackCode(file, 'two'), undefined);
  });

  test('that was cut off, or changed in any bit, is not taken', () => {
    const file = packCode(new Map([['main.js', Buffer.from('code')]]), 'key');
    for (let length = 0; length < file.length; length++) {
      assert.equal(unpackCode(file.subarray(0, length), 'key'), undefined, `the first ${length} bytes`);
    }
    for (let bit = 0; bit < file.length * 8; bit++) {
      const changed = Uint8Array.from(file);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(unpackCode(changed, 'key'), undefined, `bit ${bit}`);
    }
  });

  test('that is not there is not taken', () => {
    assert.equal(unpackCode(undefined, 'key'), undefined);
  });
});
