/** `restore`: brings a set's data back, in place or beside what is there. */
import { isDeepStrictEqual } from 'node:util';
import type { Options } from 'yargs';
import { parseQuantity } from '../cluster/quantity.ts';
import { claims as claimResource, isNamed, snapshots } from '../cluster/resources.ts';
import { RefusedError, UsageError } from '../errors.ts';
import { describePlan } from '../restore/planning/describe.ts';
import type { RestorePlan, Strategy } from '../restore/plan.ts';
import { isAsNew } from '../restore/plan.ts';
import { prepareRestore } from '../restore/planning/prepare.ts';
import type { RestoreRequest } from '../restore/request.ts';
import { newOperationName } from '../restore/request.ts';
import { age } from '../terminal/age.ts';
import { planText } from '../terminal/plan.ts';
import { askToBegin, requireAnswerable } from './asking.ts';
import { carryOut } from './carry-out.ts';
import type { Arguments, Command, Invocation } from './command.ts';
import {
  dryRunFlag,
  dryRunOf,
  formatOf,
  listOf,
  oneOf,
  outputFlag,
  textOf,
  timeoutFlag,
  timeoutMsOf,
  yesFlag,
} from './flags.ts';
import { pickSet } from './pick.ts';
import { storedSourceOf, veleroFlags } from './velero-flags.ts';
import { printValue } from './print.ts';
import { stopChoicesOf, stopFlags } from './stop-flags.ts';

export const flags: Record<string, Options> = {
  only: { type: 'array', string: true, describe: 'Only these claims of the set, such as pvc/data-0' },
  size: { type: 'string', describe: 'The least size of each claim, such as 10Gi' },
  'as-new': { type: 'boolean', describe: 'Make claims beside the present ones; nothing is stopped' },
  strategy: {
    type: 'string',
    describe:
      'swap: keep the present volumes. replace: take a safety set, delete the claims and make them again. ' +
      'When not given: swap, or replace if you may not patch persistentvolumes',
  },
  class: {
    type: 'string',
    describe: "VolumeSnapshotClass of the safety set of --strategy replace, or to reach a backup's snapshots",
  },
  'to-namespace': { type: 'string', describe: "Of a backup of Velero's: restore into this namespace instead" },
  ...veleroFlags,
  ...stopFlags,
  yes: yesFlag,
  timeout: timeoutFlag,
  'dry-run': dryRunFlag,
  output: outputFlag,
};

export const usage =
  '$0 restore [SET | velero/BACKUP | vs/NAME...] [flags]\n\nRestores claims in place from a set or from single VolumeSnapshots: the new ' +
  'volumes are\nprovisioned while the workload runs, then swapped in. The present volumes are kept.';

export const examples: Command['examples'] = [
  ['$0 restore', 'Choose from a list of sets'],
  ['$0 restore before-upgrade', 'All claims of a set, in place'],
  ['$0 restore before-upgrade --size 8Gi', 'With more room than before'],
  ['$0 restore before-upgrade --only pvc/data-es-kafka-0', 'One claim of it'],
  ['$0 restore vs/snapshot-data-0-1700000000 --as-new', 'A claim beside the present one, from one snapshot'],
  ['$0 restore velero/nightly-20261125020000', "A backup of Velero's, in place, while the claims are there"],
  ['$0 restore velero/nightly-20261125020000 --to-namespace test', 'The same beside, in another namespace'],
  ['$0 restore before-upgrade --stop operators/deployment/es-operator', 'With an operator that is not found by itself'],
  ['$0 restore before-upgrade --order sts/es-kafka,sts/es-zookeeper', 'Kafka before ZooKeeper, and back in reverse'],
  ['$0 restore before-upgrade --dry-run=client', 'Show the plan'],
];

export async function run({ args, output, connect, cancelled }: Invocation): Promise<void> {
  const [format, dryRun, timeoutMs] = [formatOf(args), dryRunOf(args), timeoutMsOf(args)];
  const given = sourceOf(args._);
  const wanted = {
    only: onlyOf(args),
    sizeBytes: sizeOf(args),
    asNew: args['as-new'] === true,
    strategy: strategyOf(args),
    className: textOf(args, 'class'),
  };
  if (given === undefined && !output.interactive) {
    throw new UsageError('restore needs a set or vs/NAME; see: kubectl pvsnap get sets');
  }
  requireAnswerable('restore', args, output);

  const cluster = connect();
  const choices = stopChoicesOf(args, cluster.namespace);
  const chosen = given ?? { set: await pickSet(cluster) };
  const stored = await storedSourceOf(cluster, args, chosen, wanted.only);
  const request: RestoreRequest = {
    operation: newOperationName('restore'),
    namespace: textOf(args, 'to-namespace') ?? cluster.namespace,
    source: stored === undefined ? chosen : { stored },
    ...wanted,
    ...(choices !== undefined && { choices }),
  };
  const plan = await prepareRestore(cluster, request);
  const text = planText(describePlan(plan, { takenAgo: takenAgo(plan) }), output.width);
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
  await askToBegin(isAsNew(plan) ? 'Create them now?' : 'Restore now?', args);
  const asOfNow = args.yes === true ? plan : unchanged(plan, await prepareRestore(cluster, request));
  await carryOut({ args, output, cancelled }, cluster, asOfNow, { timeoutMs });
}

/**
 * The question may have stood for an hour: what was agreed to must still be what would be done.
 * @returns it with the nodes of now
 */
function unchanged(agreed: RestorePlan, now: RestorePlan): RestorePlan {
  if (isDeepStrictEqual(withoutNodes(agreed), withoutNodes(now))) return now;
  throw new RefusedError(
    'the claims, their volumes or the workload have changed since the plan was shown; nothing was done: run it again',
  );
}

/** On a cluster that scales itself, nodes come and go meanwhile. */
function withoutNodes(plan: RestorePlan): object {
  return { ...plan, members: plan.members.map(({ nodes: _, ...member }) => member) };
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

function strategyOf(args: Arguments): Strategy | undefined {
  const strategy = oneOf(args, 'strategy', ['swap', 'replace']);
  if (strategy !== undefined && args['as-new'] === true) {
    throw new UsageError(`--strategy ${strategy} and --as-new: new claims replace nothing; leave one of them out`);
  }
  return strategy;
}

function sizeOf(args: Arguments): number | undefined {
  const text = textOf(args, 'size');
  if (text === undefined) return undefined;
  const bytes = parseQuantity(text);
  if (bytes !== undefined && bytes > 0) return bytes;
  throw new UsageError(`--size "${text}": expected a quantity such as 10Gi or 500M`);
}

function takenAgo({ source }: RestorePlan): string | undefined {
  return source.takenAt === undefined ? undefined : age(Date.now() - Date.parse(source.takenAt));
}
