import { test } from 'node:test';
import { runSpread } from './spread.ts';

test('nothing is lost or left over, whatever happens to a call, part 1 of 3', (t) => runSpread(t, 1));
