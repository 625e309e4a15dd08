import { test } from 'node:test';
import { spreadOfWatches } from './cases.ts';
import { runSpread } from './spread.ts';

test('nothing is lost or left over, whatever happens to a watch', (t) =>
  runSpread(t, 'a StatefulSet with a claim', spreadOfWatches));
