import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isUncertain, mayBeDone, untilCertain } from '../../src/cluster/uncertain.ts';
import { ClusterError } from '../../src/errors.ts';

const failed = (status: number): ClusterError => new ClusterError('no', status, '');

describe('a write whose answer is lost', () => {
  test('is done again until the answer is known', async () => {
    const answers = [failed(0), failed(500), failed(503)];
    const result = await untilCertain(() => {
      const error = answers.shift();
      return error === undefined ? Promise.resolve('done') : Promise.reject(error);
    });
    assert.deepEqual([result, answers], ['done', []]);
  });

  test('is given up after the fifth, with what it said last', async () => {
    let count = 0;
    await assert.rejects(
      untilCertain(() => Promise.reject(new ClusterError(`no ${++count}`, 500, ''))),
      /no 5/,
    );
  });

  test('that was refused is not done again', async () => {
    let count = 0;
    const refuse = (): Promise<never> => {
      count++;
      return Promise.reject(failed(409));
    };
    await assert.rejects(untilCertain(refuse), ClusterError);
    assert.equal(count, 1);
  });

  test('may be done where no answer came, or the server failed in the middle', () => {
    assert.deepEqual(
      [0, 500, 504, 403, 409, 429].map((status) => mayBeDone(failed(status))),
      [...[true, true, true], ...[false, false, false]],
    );
    assert.ok(!isUncertain(new Error('ours')));
  });
});
