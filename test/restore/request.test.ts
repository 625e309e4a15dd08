import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newOperationName } from '../../src/restore/request.ts';

test('operations have short names of their own, fit for labels and object names', () => {
  const names = Array.from({ length: 500 }, () => newOperationName('restore'));
  for (const name of names) assert.match(name, /^restore-[bcdfghjklmnpqrstvwxz2-9]{5}$/);
  // Among 14 million names, 500 meet with a chance of 1 in 100: one meeting is luck, three are a fault.
  assert.ok(new Set(names).size >= 498);
});
