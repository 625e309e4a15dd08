/** `get` prints what kubectl prints, byte for byte, over a grid of what can be asked for and how. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openNamespace } from '../cluster/namespace.ts';
import { mistakes, subjects, ways } from './get-grid-cases.ts';
import { layOutGrid } from './get-grid-objects.ts';
import type { Difference } from './get-grid-run.ts';
import { described, differenceOf, inPool, lasting } from './get-grid-run.ts';

/** kubectl is a process each time: more at once than there are cores only makes ages tick between the two. */
const atOnce = 4;
describe('get prints what kubectl prints', () => {
  test('over the grid', { timeout: 720_000 }, async (t) => {
    const namespace = await openNamespace(t);
    const commands = commandsOf(await layOutGrid(t, namespace));
    const first: Difference[] = [];
    await inPool(commands, atOnce, async (args) => {
      const difference = await differenceOf(namespace, args);
      if (difference !== undefined) first.push(difference);
    });
    const remain: string[] = [];
    for (const difference of first) {
      const remaining = await lasting(namespace, difference);
      if (remaining !== undefined) remain.push(described(remaining));
    }
    t.diagnostic(`${commands.length} command lines`);
    assert.equal(remain.join('\n'), '');
  });
});

/** @param label the value of the label `grid`, which also begins the names of what is cluster-wide */
function commandsOf(label: string): string[][] {
  const lines = [...subjects.flatMap((subject) => ways.map((way) => [...subject, ...way])), ...mistakes];
  return lines.map((words) => ['get', ...words.map((word) => word.replaceAll('GRID', label))]);
}
