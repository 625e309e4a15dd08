import assert from 'node:assert/strict';
import { retry } from '../retry.ts';

const TIMEOUT_MS = 60_000;

/**
 * Waits until an operator of the tests' own has noted that it did these things, in any order, and no others. It notes
 * what it has done when its server has answered, and others may see the deed before that.
 * @throws AssertionError that shows the difference
 */
export async function haveActed(acts: readonly string[], expected: readonly string[]): Promise<void> {
  const compare = (): void => {
    assert.deepEqual(acts.toSorted(), expected.toSorted());
  };
  const isDifferent = (error: unknown): boolean => error instanceof assert.AssertionError;
  await retry(() => Promise.resolve().then(compare), isDifferent, AbortSignal.timeout(TIMEOUT_MS)).catch(compare);
}
