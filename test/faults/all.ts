/**
 * `npm run test:faults`: every call of every verb, with every fault. Takes an hour or more; `PVSNAP_FAULTS_PART=2/12`
 * takes the second twelfth of it.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runCampaign } from './campaign.ts';
import { everyCase, partOf } from './cases.ts';
import type { Shape } from './scene.ts';
import { problemOf, tableOf } from './table.ts';

const shapes: Shape[] = [
  'a StatefulSet with a claim',
  'a Deployment with two claims',
  'a claim that is replaced',
  'an operator that fights',
  "a backup of Velero's",
];
/** Of each shape: most of a case is waiting. */
const width = 5;
const [part = 1, parts = 1] = (process.env.PVSNAP_FAULTS_PART ?? '1/1').split('/').map(Number);

describe('nothing is lost or left over, whatever happens to any call', { concurrency: shapes.length }, () => {
  for (const shape of shapes) {
    test(shape, async (t) => {
      let failed = 0;
      const campaign = await runCampaign(t, shape, partOf(everyCase, part, parts), width, (result) => {
        const problem = problemOf(result);
        if (problem === undefined) return;
        failed++;
        console.log(problem);
      });
      console.log(tableOf(campaign));
      assert.equal(failed, 0);
    });
  }
});
