import { test } from 'node:test';
import { partOf, spreadOfCases } from './cases.ts';
import { runSpread } from './spread.ts';

test('nothing is lost or left over, whatever happens to a call, part 1 of 3', (t) =>
  runSpread(t, 'a StatefulSet with a claim', partOf(spreadOfCases, 1, 3)));
