import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { eitherOf } from '../../src/velero/either.ts';

async function* after(turns: number, ...values: string[]): AsyncGenerator<string> {
  for (const value of values) {
    for (let count = 0; count < turns; count++) await turn();
    yield value;
  }
}

describe('either of two', () => {
  test('gives all of both, each in its order', async () => {
    const all = await Array.fromAsync(eitherOf(after(1, 'a', 'b'), after(3, 'x', 'y')));
    assert.deepEqual(
      all.filter((value) => 'ab'.includes(value)),
      ['a', 'b'],
    );
    assert.deepEqual(
      all.filter((value) => 'xy'.includes(value)),
      ['x', 'y'],
    );
  });

  test('goes on when one has nothing', async () => {
    assert.deepEqual(await Array.fromAsync(eitherOf(after(1), after(2, 'x'))), ['x']);
  });

  test('ends with the failure of one', async () => {
    async function* failing(): AsyncGenerator<string> {
      await turn();
      throw new Error('gone');
    }
    await assert.rejects(Array.fromAsync(eitherOf(failing(), after(5, 'x'))), /gone/);
  });
});
