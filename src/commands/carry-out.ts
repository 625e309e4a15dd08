/** Runs a plan that was agreed to, and prints how it went: what restore, resume and undo have in common. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Plan } from '../restore/plan.ts';
import type { RunOptions } from '../restore/running/run.ts';
import { runPlan } from '../restore/running/run.ts';
import { shownLines } from '../terminal/text.ts';
import type { Invocation } from './command.ts';
import { formatOf } from './flags.ts';
import { openPlanProgress, summaryOf } from './plan-progress.ts';
import { printValue } from './print.ts';

export async function carryOut(
  { args, output, cancelled }: Pick<Invocation, 'args' | 'output' | 'cancelled'>,
  cluster: Cluster,
  plan: Plan,
  options: Pick<RunOptions, 'timeoutMs' | 'resumedIn' | 'checkAgain' | 'mayImport'>,
): Promise<void> {
  const format = formatOf(args);
  const progress = openPlanProgress(output, plan);
  let outcome: Awaited<ReturnType<typeof runPlan>>;
  try {
    outcome = await runPlan(cluster, plan, { cancelled, ...options, ...progress });
  } finally {
    progress.close();
  }
  // A record, which others may have written, has names in it.
  output.note(shownLines(summaryOf(plan, outcome)));
  const name = `operation/${plan.operation}`;
  if (format === undefined) await output.print(`${name} completed\n`);
  else if (format === 'name') await output.print(`${name}\n`);
  else await printValue(output, format, { ...plan, phase: 'completed', ...outcome });
}
