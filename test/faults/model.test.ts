/** Random sequences of verbs, crashes and what other people do: nothing is lost, and everything is within reach. */
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { openNamespace } from '../cluster/namespace.ts';
import { contentOf, runStatefulSet } from '../e2e/restore-app.ts';
import { recover } from './model-recover.ts';
import { takeStep } from './model-run.ts';
import type { Step } from './model-steps.ts';
import { stepLists } from './model-steps.ts';
import type { World } from './model-world.ts';

/** How many lists of steps each part takes, and which: docs/testing.md. */
const runs = Number(process.env.PVSNAP_MODEL_RUNS ?? '1');
const seed = Number(process.env.PVSNAP_MODEL_SEED ?? '1');
const width = 4;

describe('random steps lose nothing that was not given up', { concurrency: width }, () => {
  for (let part = 1; part <= width; part++) {
    test(`part ${part} of ${width}`, async (t) => {
      const property = fc.asyncProperty(stepLists, fc.constantFrom('resume', 'undo'), (steps, prefer) =>
        take(t, steps, prefer),
      );
      // A list takes a minute, and is told when it fails: it isn't shrunk.
      await fc.assert(property, { numRuns: runs, seed: seed + part, endOnFailure: true, unbiased: true });
    });
  }
});

async function take(t: TestContext, steps: readonly Step[], prefer: 'resume' | 'undo'): Promise<void> {
  const world = await openWorld(t);
  try {
    for (const step of steps) await takeStep(world, step);
    await recover(world, prefer);
  } catch (error) {
    throw new Error(`${String(error)}\nin ${world.namespace.name}:\n${world.log.join('\n')}`, { cause: error });
  } finally {
    if (process.env.PVSNAP_MODEL_LOG !== undefined) console.log(world.log.join('\n'));
  }
}

async function openWorld(t: TestContext): Promise<World> {
  const namespace = await openNamespace(t);
  const claims = await runStatefulSet(namespace, 'db', { replicas: 2 });
  let texts = 0;
  return {
    namespace,
    claims,
    log: [],
    written: new Set(claims.map((name) => contentOf(name, 'before'))),
    givenUp: new Set(),
    newText: () => `text ${++texts}`,
  };
}
