/** The part of the spread that one test file runs: a file may take no longer than any other. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { runCampaign } from './campaign.ts';
import { partOf, spreadOfCases } from './cases.ts';
import { problemOf, tableOf } from './table.ts';

const parts = 3;
/** Together with the other parts as many as two cores can feed. */
const width = 4;

/** @param part from 1 */
export async function runSpread(test: TestContext, part: number): Promise<void> {
  const problems: string[] = [];
  const campaign = await runCampaign(
    test,
    'a StatefulSet with a claim',
    partOf(spreadOfCases, part, parts),
    width,
    (result) => {
      const problem = problemOf(result);
      if (problem !== undefined) problems.push(problem);
    },
  );
  test.diagnostic(tableOf(campaign));
  assert.deepEqual(problems, []);
}
