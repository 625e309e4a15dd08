import { test } from 'node:test';
import { spreadOfBackups } from './cases.ts';
import { runSpread } from './spread.ts';

test("a backup of Velero's keeps its snapshots, whatever happens to a call about them", (t) =>
  runSpread(t, "a backup of Velero's", spreadOfBackups));
