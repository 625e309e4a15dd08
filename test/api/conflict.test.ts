import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onFreshObject } from '../../src/cluster/conflict.ts';
import { ClusterError } from '../../src/errors.ts';

const conflict = new ClusterError('changed', 409, 'Conflict');

test('a conflict is worked on again, from a fresh reading', async () => {
  let turn = 0;
  const work = (): Promise<number> => (++turn < 4 ? Promise.reject(conflict) : Promise.resolve(turn));
  assert.equal(await onFreshObject(work), 4);
});

test('a conflict that never ends is given up', async () => {
  let turn = 0;
  const work = (): Promise<never> => Promise.reject(++turn > 0 ? conflict : new Error());
  await assert.rejects(onFreshObject(work), (error) => error === conflict);
  assert.ok(turn > 3 && turn <= 20, String(turn));
});

test('nothing else is worked on again, not even a name that is taken', async () => {
  for (const failure of [
    new ClusterError('taken', 409, 'AlreadyExists'),
    new ClusterError('lost', 0, ''),
    new Error(),
  ]) {
    let turns = 0;
    const work = (): Promise<never> => {
      turns++;
      return Promise.reject(failure);
    };
    await assert.rejects(onFreshObject(work), (error) => error === failure);
    assert.equal(turns, 1);
  }
});
