import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { agreesWith } from '../../src/restore/imported.ts';
import { makePlan } from '../../src/restore/planning/make-plan.ts';
import type { StoredSnapshot } from '../../src/sets/stored.ts';
import { memberFor, observed, request } from './objects.ts';

const held: StoredSnapshot = {
  claim: 'data-0',
  handle: 'handle-0',
  driver: 'csi.example.com',
  sizeBytes: 100,
  volumeMode: 'Filesystem',
};
const set = { name: 'velero/nightly', snapshots: [held] };
const planOf = (stored: StoredSnapshot): ReturnType<typeof makePlan> =>
  makePlan(observed([memberFor(stored.claim, { stored })]), { ...request, source: { stored: set } });

describe('a record of a restore from storage', () => {
  test('agrees with the backup that it was made of', () => {
    assert.ok(agreesWith(planOf(held), set));
  });

  for (const forged of [
    { handle: 'of-somebody-else' },
    { driver: 'other.example.com' },
    { claim: 'data-1' },
    { volumeMode: 'Block' },
  ]) {
    test(`does not, where it says ${JSON.stringify(forged)}`, () => {
      assert.ok(!agreesWith(planOf({ ...held, ...forged }), set));
    });
  }
});
