/** `restore`: brings a set's data back, in place or beside what is there. */
import { isDeepStrictEqual } from 'node:util';
import type { Options } from 'yargs';
import type { Cluster } from '../cluster/cluster.ts';
import { parseQuantity } from '../cluster/quantity.ts';
import { claims as claimResource, isNamed, snapshots } from '../cluster/resources.ts';
import { CancelledError, RefusedError, UsageError } from '../errors.ts';
import { describePlan } from '../restore/planning/describe.ts';
import type { Plan } from '../restore/plan.ts';
import { isAsNew } from '../restore/plan.ts';
import { prepareRestore } from '../restore/planning/prepare.ts';
import type { RestoreRequest } from '../restore/request.ts';
import { newOperationName } from '../restore/request.ts';
import { runPlan } from '../restore/running/run.ts';
import { age } from '../terminal/age.ts';
import { planText } from '../terminal/plan.ts';
import { confirm } from '../terminal/prompt.ts';
import type { Arguments, Command, Invocation } from './command.ts';
import { dryRunFlag, dryRunOf, formatOf, listOf, outputFlag, textOf, timeoutMsOf } from './flags.ts';
import { pickSet } from './pick.ts';
import { printValue } from './print.ts';
import { openRestoreProgress, summaryOf } from './restore-progress.ts';

export const flags: Record<string, Options> = {
  only: { type: 'array', string: true, describe: 'Only these claims of the set, such as pvc/data-0' },
  size: { type: 'string', describe: 'The least size of each claim, such as 10Gi' },
  'as-new': { type: 'boolean', describe: 'Make claims beside the present ones; nothing is stopped' },
  yes: { type: 'boolean', alias: 'y', describe: "Don't ask" },
  timeout: { type: 'string', default: '10m', describe: 'How long each wait may take: staging, stopping, starting' },
  'dry-run': dryRunFlag,
  output: outputFlag,
};

export const usage =
  '$0 restore [SET | vs/NAME...] [flags]\n\nRestores claims in place from a set or from single VolumeSnapshots: the new ' +
  'volumes are\nprovisioned while the workload runs, then swapped in. The present volumes are kept.';

export const examples: Command['examples'] = [
  ['$0 restore', 'Choose from a list of sets'],
  ['$0 restore before-upgrade', 'All claims of a set, in place'],
  ['$0 restore before-upgrade --size 8Gi', 'With more room than before'],
  ['$0 restore before-upgrade --only pvc/data-es-kafka-0', 'One claim of it'],
  ['$0 restore vs/snapshot-data-0-1700000000 --as-new', 'A claim beside the present one, from one snapshot'],
  ['$0 restore before-upgrade --dry-run=client', 'Show the plan'],
];

export async function run({ args, output, connect, cancelled }: Invocation): Promise<void> {
  const [format, dryRun, timeoutMs] = [formatOf(args), dryRunOf(args), timeoutMsOf(args)];
  const given = sourceOf(args._);
  const wanted = { only: onlyOf(args), sizeBytes: sizeOf(args), asNew: args['as-new'] === true };
  if (given === undefined && !output.interactive) {
    throw new UsageError('restore needs a set or vs/NAME; see: kubectl pvsnap get sets');
  }
  if (dryRun === 'none' && args.yes !== true && !output.interactive) {
    throw new UsageError(
      'restore asks before it begins, and there is no terminal to ask on: pass --yes, or --dry-run=client to see the plan',
    );
  }

  const cluster = connect();
  const source = given ?? { set: await pickSet(cluster) };
  const request: RestoreRequest = {
    operation: newOperationName('restore'),
    namespace: cluster.namespace,
    source,
    ...wanted,
  };
  const plan = await prepareRestore(cluster, request);
  const text = planText(describePlan(plan, takenAgo(plan)), output.width);
  const suffix = dryRun === 'server' ? '(server dry run)' : '(dry run)';
  if (dryRun !== 'none') {
    if (format === 'json' || format === 'yaml') await printValue(output, format, plan);
    else
      await output.print(
        format === 'name'
          ? `operation/${plan.operation}\n`
          : `${text}\n\nrestore of ${plan.source.name} planned ${suffix}\n`,
      );
    return;
  }
  output.note(`${text}\n\n`);
  if (args.yes !== true && !(await confirm(isAsNew(plan) ? 'Create them now?' : 'Restore now?'))) {
    throw new CancelledError('nothing was changed');
  }
  if (args.yes !== true) checkUnchanged(plan, await prepareRestore(cluster, request));
  await carryOut({ args, output, cancelled }, cluster, plan, timeoutMs);
}

async function carryOut(
  { args, output, cancelled }: Pick<Invocation, 'args' | 'output' | 'cancelled'>,
  cluster: Cluster,
  plan: Plan,
  timeoutMs: number,
): Promise<void> {
  const format = formatOf(args);
  const progress = openRestoreProgress(output, plan);
  let outcome: Awaited<ReturnType<typeof runPlan>>;
  try {
    outcome = await runPlan(cluster, plan, { cancelled, timeoutMs, ...progress });
  } finally {
    progress.close();
  }
  output.note(summaryOf(plan, outcome));
  const name = `operation/${plan.operation}`;
  if (format === undefined) await output.print(`${name} completed\n`);
  else if (format === 'name') await output.print(`${name}\n`);
  else await printValue(output, format, { ...plan, phase: 'completed', ...outcome });
}

/** The question may have stood for an hour: what was agreed to must still be what would be done. */
function checkUnchanged(agreed: Plan, now: Plan): void {
  if (isDeepStrictEqual(agreed, now)) return;
  throw new RefusedError(
    'the claims, their volumes or the workload have changed since the plan was shown; nothing was done: run it again',
  );
}

/** @returns undefined when nothing was named */
function sourceOf(words: readonly string[]): RestoreRequest['source'] | undefined {
  if (words.length === 0) return undefined;
  const names = words.map((word) => {
    const [type = '', name] = word.split('/');
    return name !== undefined && isNamed(snapshots, type) ? name : undefined;
  });
  const snapshotNames = names.filter((name) => name !== undefined && name !== '') as string[];
  if (snapshotNames.length === words.length) return { snapshots: snapshotNames };
  const [first = ''] = words;
  const set = first.replace(/^(set|sets|snapshotset|snapshotsets)\//, '');
  if (words.length === 1 && isSetName(set)) return { set };
  throw new UsageError(`"${words.join(' ')}": expected one set, or one or more snapshots as vs/NAME`);
}

/** Ours have plain names; those of others begin with who took them, as `get sets` shows them. */
function isSetName(name: string): boolean {
  return /^((velero|vgs|snapscheduler|snapshot)\/)?[^/]+$/.test(name);
}

/** pvc/NAME, as everywhere; a bare name is understood too. */
function onlyOf(args: Arguments): string[] {
  return listOf(args, 'only').map((word) => {
    const [type = '', name, ...rest] = word.split('/');
    if (name === undefined) return type;
    if (isNamed(claimResource, type) && name !== '' && rest.length === 0) return name;
    throw new UsageError(`--only "${word}": expected a claim as pvc/NAME`);
  });
}

function sizeOf(args: Arguments): number | undefined {
  const text = textOf(args, 'size');
  if (text === undefined) return undefined;
  const bytes = parseQuantity(text);
  if (bytes !== undefined && bytes > 0) return bytes;
  throw new UsageError(`--size "${text}": expected a quantity such as 10Gi or 500M`);
}

function takenAgo({ source }: Plan): string | undefined {
  return source.takenAt === undefined ? undefined : age(Date.now() - Date.parse(source.takenAt));
}
