/** `undo`: gives claims the volumes back that an operation parked, and parks those of now. */
import { isDeepStrictEqual } from 'node:util';
import type { Options } from 'yargs';
import type { Cluster } from '../cluster/cluster.ts';
import { RefusedError } from '../errors.ts';
import { readParkedOperations } from '../restore/parked.ts';
import { describePlan } from '../restore/planning/describe.ts';
import type { PlanDescription } from '../restore/planning/describe.ts';
import type { UndoRequest } from '../restore/planning/observe-undo.ts';
import type { Undoing } from '../restore/planning/prepare-undo.ts';
import { prepareUndo } from '../restore/planning/prepare-undo.ts';
import type { Plan } from '../restore/plan.ts';
import { isAsNew } from '../restore/plan.ts';
import type { Recorded } from '../restore/records.ts';
import { isOpen } from '../restore/records.ts';
import { newOperationName } from '../restore/request.ts';
import { takeBack } from '../restore/running/take-back.ts';
import { planText } from '../terminal/plan.ts';
import { shownLines } from '../terminal/text.ts';
import { askToBegin, requireAnswerable } from './asking.ts';
import { carryOut } from './carry-out.ts';
import type { Arguments, Command, Invocation } from './command.ts';
import { dryRunFlag, dryRunOf, formatOf, outputFlag, timeoutFlag, timeoutMsOf, yesFlag } from './flags.ts';
import { printValue } from './print.ts';
import { stopChoicesOf, stopFlags } from './stop-flags.ts';
import { chooseAmong, chooseOperation, namedOperation } from './which-operation.ts';

export const flags: Record<string, Options> = {
  'from-parked': {
    type: 'boolean',
    describe: 'Go by what stands on the parked volumes alone: for when the record or the namespace was deleted',
  },
  ...stopFlags,
  yes: yesFlag,
  timeout: timeoutFlag,
  'dry-run': dryRunFlag,
  output: outputFlag,
};

export const usage =
  '$0 undo [OPERATION] [flags]\n\nGives the claims of an operation their parked volumes back, by the same swap; the ' +
  'volumes of now are\nparked in their place, so that an undo can be undone too. Of an operation that had not yet ' +
  'stopped\nanything, only what it staged is removed.';

export const examples: Command['examples'] = [
  ['$0 undo', 'The only one that is open, or choose from a list'],
  ['$0 undo restore-7f3k2', 'Back to before that restore'],
  ['$0 undo undo-p5w8d', 'Back to what was restored'],
  ['$0 undo --from-parked -n kafka', 'After the namespace was deleted and made again'],
];

export async function run({ args, output, connect, cancelled }: Invocation): Promise<void> {
  const [format, dryRun, timeoutMs] = [formatOf(args), dryRunOf(args), timeoutMsOf(args)];
  const named = namedOperation('undo', args._);
  requireAnswerable('undo', args, output);
  const cluster = connect();
  const choices = stopChoicesOf(args, cluster.namespace);
  const undoes = named ?? (await chosen({ args, output }, cluster));
  const request: UndoRequest = {
    operation: newOperationName('undo'),
    undoes,
    namespace: cluster.namespace,
    fromParked: args['from-parked'] === true,
    ...(choices !== undefined && { choices }),
  };
  const undoing = await prepareUndo(cluster, request);
  const text = planText(describe(undoing), output.width);
  if (dryRun !== 'none') {
    if (format === 'json' || format === 'yaml') await printValue(output, format, undoing.plan);
    else
      await output.print(
        format === 'name' ? `operation/${undoing.plan.operation}\n` : `${text}\n\n${undoes} would be undone\n`,
      );
    return;
  }
  output.note(`${text}\n\n`);
  await askToBegin('Undo now?', args);
  if (undoing.how === 'takeBack') {
    await carryBack({ args, output, cancelled }, cluster, undoing.plan);
    return;
  }
  const checkAgain = async (): Promise<void> => {
    checkUnchanged(undoing, await prepareUndo(cluster, request));
  };
  await carryOut({ args, output, cancelled }, cluster, undoing.plan, { timeoutMs, checkAgain });
}

/** One that is open is meant before those that have ended. */
async function chosen({ args, output }: Pick<Invocation, 'args' | 'output'>, cluster: Cluster): Promise<string> {
  if (args['from-parked'] === true) {
    const names = await readParkedOperations(cluster, cluster.namespace);
    return chooseAmong(
      { output },
      names.map((name) => ({ value: name, cells: [name] })),
      {
        verb: 'undo',
        where: `with parked volumes in namespace ${cluster.namespace}`,
      },
    );
  }
  // New claims beside the present ones are deleted only when they are named.
  const isMeant = ({ plan }: Recorded): boolean => !isAsNew(plan);
  return chooseOperation({ output }, cluster, 'undo', (recorded, all) =>
    isMeant(recorded) && all.some((one) => isMeant(one) && isOpen(one)) ? isOpen(recorded) : isMeant(recorded),
  );
}

function describe(undoing: Undoing): PlanDescription {
  const { plan } = undoing;
  if (undoing.how === 'run') return describePlan(plan);
  const { namespace, operation } = plan;
  const lines =
    plan.kind === 'restore'
      ? { columns: ['CLAIM', 'STAGED FOR'], rows: plan.members.map(({ staging, claim }) => [staging, claim]) }
      : [`the marks of ${operation} on volumes; they stay parked as before`];
  return {
    title: `Undo of ${operation}, which had not stopped anything yet, namespace ${namespace}`,
    sections: [{ label: 'remove', lines }],
    closing: ['Copies that nobody has used. The workload and its claims are not touched.'],
  };
}

async function carryBack(
  { args, output, cancelled }: Pick<Invocation, 'args' | 'output' | 'cancelled'>,
  cluster: Cluster,
  plan: Plan,
): Promise<void> {
  const kept = await takeBack(cluster, plan, {
    cancelled,
    onWait: (detail) => {
      output.note(shownLines(detail));
    },
  });
  if (kept.length > 0) output.note(`The copies on these volumes are kept by their reclaim policy: ${kept.join(', ')}`);
  await printUndone(args, output, plan);
}

async function printUndone(args: Arguments, output: Invocation['output'], plan: Plan): Promise<void> {
  const format = formatOf(args);
  const name = `operation/${plan.operation}`;
  if (format === undefined) await output.print(`${name} undone\n`);
  else if (format === 'name') await output.print(`${name}\n`);
  else await printValue(output, format, { ...plan, phase: 'undone' });
}

function checkUnchanged(agreed: Undoing, now: Undoing): void {
  if (isDeepStrictEqual(agreed, now)) return;
  throw new RefusedError(
    'the claims, their volumes or the workload have changed since the plan was made; nothing was done: run it again',
  );
}
