/** `npm run test:faults`: every call of every verb, with every fault. Takes an hour or more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCampaign } from './campaign.ts';
import { everyCase } from './cases.ts';
import type { Shape } from './scene.ts';
import { problemOf, tableOf } from './table.ts';

const width = 16;

for (const shape of ['a StatefulSet with a claim', 'a Deployment with two claims'] satisfies Shape[]) {
  test(`nothing is lost or left over, whatever happens to any call: ${shape}`, async (t) => {
    let failed = 0;
    const campaign = await runCampaign(t, shape, everyCase, width, (result) => {
      const problem = problemOf(result);
      if (problem === undefined) return;
      failed++;
      console.log(problem);
    });
    console.log(tableOf(campaign));
    assert.equal(failed, 0);
  });
}
