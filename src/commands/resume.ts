/** `resume`: goes on with an operation that was interrupted, from what the cluster shows. */
import type { Options } from 'yargs';
import { RefusedError } from '../errors.ts';
import { describePlan } from '../restore/planning/describe.ts';
import { prepareResume } from '../restore/planning/prepare-resume.ts';
import type { Recorded } from '../restore/records.ts';
import { isOpen } from '../restore/records.ts';
import { stepsFrom } from '../restore/steps-from.ts';
import { planText } from '../terminal/plan.ts';
import { askToBegin, requireAnswerable } from './asking.ts';
import { carryOut } from './carry-out.ts';
import type { Command, Invocation } from './command.ts';
import { dryRunFlag, dryRunOf, formatOf, outputFlag, timeoutFlag, timeoutMsOf, yesFlag } from './flags.ts';
import { printValue } from './print.ts';
import { stopChoicesOf, stopFlags } from './stop-flags.ts';
import { mayImport, veleroFlags } from './velero-flags.ts';
import { chooseOperation, namedOperation } from './which-operation.ts';

export const flags: Record<string, Options> = {
  ...stopFlags,
  ...veleroFlags,
  yes: yesFlag,
  timeout: timeoutFlag,
  'dry-run': dryRunFlag,
  output: outputFlag,
};

export const usage =
  '$0 resume [OPERATION] [flags]\n\nGoes on with an operation that was interrupted: what is done is looked for, what is ' +
  'missing is done.\nFrom any machine; never while somebody else runs it.';

export const examples: Command['examples'] = [
  ['$0 resume', 'The only open one, or choose from a list'],
  ['$0 resume restore-7f3k2', 'This one'],
  ['$0 resume restore-7f3k2 --dry-run=client', 'Show what is left to do'],
];

export async function run({ args, output, connect, cancelled }: Invocation): Promise<void> {
  const [format, dryRun, timeoutMs] = [formatOf(args), dryRunOf(args), timeoutMsOf(args)];
  const named = namedOperation('resume', args._);
  requireAnswerable('resume', args, output);
  const cluster = connect();
  const choices = stopChoicesOf(args, cluster.namespace);
  const operation = named ?? (await chooseOperation({ output }, cluster, 'resume', isOpen));
  const recorded = await prepareResume(cluster, cluster.namespace, operation, choices);
  const { plan, step, phase } = recorded;
  if (phase === 'completed') {
    output.note(`${operation} has completed already: nothing is left to do.\n`);
    await output.print(format === 'name' ? `operation/${operation}\n` : `operation/${operation} completed\n`);
    return;
  }
  const steps = stepsFrom(plan, step);
  const text = planText(describePlan(plan, { steps }), output.width);
  if (dryRun !== 'none') {
    if (format === 'json' || format === 'yaml') await printValue(output, format, { ...plan, steps });
    else await output.print(format === 'name' ? `operation/${operation}\n` : `${text}\n\n${operation} would go on\n`);
    return;
  }
  output.note(`${text}\n\n`);
  await askToBegin('Go on now?', args);
  const checkAgain = async (): Promise<void> => {
    checkUnchanged(recorded, await prepareResume(cluster, cluster.namespace, operation, choices));
  };
  const options = { timeoutMs, resumedIn: step, checkAgain };
  const isToImport = steps.includes('import') && (await mayImport(cluster, args, plan));
  await carryOut({ args, output, cancelled }, cluster, plan, { ...options, mayImport: isToImport });
}

/** Somebody else may have gone on with it while this one waited. */
function checkUnchanged(agreed: Recorded, now: Recorded): void {
  if (agreed.changedAt === now.changedAt && agreed.phase === now.phase) return;
  throw new RefusedError(`${agreed.plan.operation} has gone on meanwhile; nothing was done: run it again`);
}
