import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClusterError } from '../../../src/errors.ts';
import { onceQuotaAllows } from '../../../src/restore/running/quota-lag.ts';

function forbidden(words: string): ClusterError {
  return new ClusterError(words, 403, 'Forbidden');
}

const never = new AbortController().signal;

describe('a claim that a quota refuses', () => {
  test('is made once the deleted one is no longer counted', async () => {
    let tries = 0;
    const create = (): Promise<string> =>
      ++tries < 3 ? Promise.reject(forbidden(`exceeded quota: tight (${tries})`)) : Promise.resolve('made');
    const heard: string[] = [];
    assert.equal(await onceQuotaAllows(create, (words) => heard.push(words), never), 'made');
    assert.deepEqual(heard, ['exceeded quota: tight (1)', 'exceeded quota: tight (2)']);
  });

  test('is given up after a minute, with the words of the quota', async (t) => {
    t.mock.method(performance, 'now', () => nowMs);
    let nowMs = 0;
    const create = (): Promise<string> => {
      nowMs += 40_000;
      return Promise.reject(forbidden(`exceeded quota at ${nowMs}`));
    };
    await assert.rejects(
      onceQuotaAllows(create, () => undefined, never),
      /exceeded quota at 80000/,
    );
  });

  test('ends with the signal’s reason', async () => {
    const end = new AbortController();
    const create = (): Promise<string> => Promise.reject(forbidden('exceeded quota'));
    const made = onceQuotaAllows(
      create,
      () => {
        end.abort(new Error('Ctrl-C'));
      },
      end.signal,
    );
    await assert.rejects(made, /Ctrl-C/);
  });

  test('is not asked for again when it is refused for anything else', async () => {
    let tries = 0;
    const create = (): Promise<string> => {
      tries++;
      return Promise.reject(forbidden('maximum storage is 512Mi'));
    };
    await assert.rejects(
      onceQuotaAllows(create, () => undefined, never),
      /512Mi/,
    );
    assert.equal(tries, 1);
  });
});
