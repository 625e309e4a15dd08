/** The part of the spread that one test file runs: a file may take no longer than any other. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { runCampaign } from './campaign.ts';
import type { Choose } from './cases.ts';
import type { Shape } from './scene.ts';
import { problemOf, tableOf } from './table.ts';

/** Together with the other files as many as two cores can feed. */
const width = 4;

export async function runSpread(test: TestContext, shape: Shape, choose: Choose): Promise<void> {
  const problems: string[] = [];
  const campaign = await runCampaign(test, shape, choose, width, (result) => {
    const problem = problemOf(result);
    if (problem !== undefined) problems.push(problem);
  });
  test.diagnostic(tableOf(campaign));
  assert.deepEqual(problems, []);
}
