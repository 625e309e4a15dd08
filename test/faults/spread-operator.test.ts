import { test } from 'node:test';
import { spreadOfOwners } from './cases.ts';
import { runSpread } from './spread.ts';

test('an operator is put back, whatever happens to a call about it', (t) =>
  runSpread(t, 'an operator that fights', spreadOfOwners));
