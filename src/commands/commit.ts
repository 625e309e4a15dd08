/** `commit`: deletes the volumes that operations parked. */
import { isDeepStrictEqual } from 'node:util';
import type { Options } from 'yargs';
import type { Cluster } from '../cluster/cluster.ts';
import { parseDuration } from '../cluster/config.ts';
import { readableBytes } from '../cluster/quantity.ts';
import { RefusedError, UsageError } from '../errors.ts';
import type { CommitPlan, Doomed, DoomedSnapshot } from '../restore/commit-plan.ts';
import { isKeptByItsPolicy } from '../restore/commit-plan.ts';
import { count } from '../restore/planning/describe.ts';
import { prepareCommit } from '../restore/planning/prepare-commit.ts';
import type { Recorded } from '../restore/records.ts';
import { readRecords } from '../restore/records.ts';
import { runCommit } from '../restore/running/commit.ts';
import { age } from '../terminal/age.ts';
import type { Output } from '../terminal/output.ts';
import { planText } from '../terminal/plan.ts';
import { openProgress } from '../terminal/progress.ts';
import { askToBegin, requireAnswerable } from './asking.ts';
import type { Arguments, Command, Invocation } from './command.ts';
import { dryRunFlag, dryRunOf, formatOf, outputFlag, textOf, timeoutFlag, timeoutMsOf, yesFlag } from './flags.ts';
import { printValue } from './print.ts';
import { chooseOperation, namedOperation } from './which-operation.ts';

export const flags: Record<string, Options> = {
  'older-than': { type: 'string', describe: 'All operations that ended longer ago than this, such as 7d or 36h' },
  yes: yesFlag,
  timeout: { ...timeoutFlag, describe: 'How long to wait until the volumes are detached and gone' },
  'dry-run': dryRunFlag,
  output: outputFlag,
};

export const usage =
  '$0 commit [OPERATION] [flags]\n\nDeletes the volumes that an operation parked, once nothing uses them, or its safety set. After that it ' +
  "can't be undone.\nA volume that was Retain before the operation stays.";

export const examples: Command['examples'] = [
  ['$0 commit restore-7f3k2', 'Delete what this restore parked'],
  ['$0 commit --older-than 7d', 'Of all operations that ended a week ago or earlier'],
  ['$0 commit restore-7f3k2 --dry-run=client', 'Show what would be deleted'],
];

export async function run({ args, output, connect, cancelled }: Invocation): Promise<void> {
  const [format, dryRun, timeoutMs] = [formatOf(args), dryRunOf(args), timeoutMsOf(args)];
  const named = namedOperation('commit', args._);
  const olderThanMs = olderThanOf(args);
  if (named !== undefined && olderThanMs !== undefined) {
    throw new UsageError('commit takes an operation or --older-than, not both');
  }
  requireAnswerable('commit', args, output);
  const cluster = connect();
  const { namespace } = cluster;
  const operations = await chosen({ output }, cluster, named, olderThanMs);
  const plans = await Promise.all(operations.map((name) => prepareCommit(cluster, namespace, name)));
  const text = planText(describe(plans, namespace), output.width);
  if (dryRun !== 'none') {
    if (format === 'json' || format === 'yaml') await printValue(output, format, plans);
    else
      await output.print(
        format === 'name' ? namesOf(plans) : `${text}\n\n${operations.join(', ')} would be committed\n`,
      );
    return;
  }
  output.note(`${text}\n\n`);
  if (plans.length === 0) return;
  await askToBegin(plans.some(destroys) ? 'Delete them for good now?' : 'Commit now?', args);
  for (const plan of plans) await carryOut({ output, cancelled }, cluster, plan, timeoutMs);
  if (format === 'json' || format === 'yaml') await printValue(output, format, plans);
  else await output.print(format === 'name' ? namesOf(plans) : plans.map(committed).join(''));
}

function namesOf(plans: readonly CommitPlan[]): string {
  return plans.map(({ operation }) => `operation/${operation}\n`).join('');
}

function committed({ operation }: CommitPlan): string {
  return `operation/${operation} committed\n`;
}

async function chosen(
  { output }: Pick<Invocation, 'output'>,
  cluster: Cluster,
  named: string | undefined,
  olderThanMs: number | undefined,
): Promise<string[]> {
  if (named !== undefined) return [named];
  const hasEnded = ({ phase, undoneBy }: Recorded): boolean => phase === 'completed' && undoneBy === undefined;
  if (olderThanMs === undefined) return [await chooseOperation({ output }, cluster, 'commit', hasEnded)];
  const records = await readRecords(cluster, cluster.namespace);
  const isOld = ({ changedAt = '' }: Recorded): boolean => Date.now() - Date.parse(changedAt) > olderThanMs;
  return records.filter((recorded) => hasEnded(recorded) && isOld(recorded)).map(({ plan }) => plan.operation);
}

/** Go's durations, and days, which Go doesn't have. */
function olderThanOf(args: Arguments): number | undefined {
  const text = textOf(args, 'older-than');
  if (text === undefined) return undefined;
  const [, days] = /^(\d+)d$/.exec(text) ?? [];
  const ms = days === undefined ? parseDuration(text) : Number(days) * 24 * 3_600_000;
  if (ms !== undefined && ms > 0) return ms;
  throw new UsageError(`--older-than "${text}": expected a duration such as 7d, 36h or 90m`);
}

function destroys({ volumes, snapshots }: CommitPlan): boolean {
  return snapshots.length > 0 || volumes.some((volume) => !isKeptByItsPolicy(volume));
}

function describe(plans: readonly CommitPlan[], namespace: string): Parameters<typeof planText>[0] {
  const all = plans.flatMap(({ volumes }) => volumes);
  const doomed = all.filter((volume) => !isKeptByItsPolicy(volume));
  const kept = all.filter(isKeptByItsPolicy);
  const size = readableBytes(doomed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  const snapshots = plans.flatMap((plan) => plan.snapshots);
  const names = plans.map(({ operation }) => operation).join(', ');
  return {
    title: `Commit of ${names === '' ? 'no operation: none is old enough' : names}, namespace ${namespace}`,
    sections: [
      ...(doomed.length > 0 ? [{ label: 'delete', lines: tableOf(doomed) }] : []),
      ...(snapshots.length > 0 ? [{ label: 'delete', lines: snapshotTable(snapshots) }] : []),
      ...(kept.length > 0 ? [{ label: 'keep', lines: tableOf(kept) }] : []),
    ],
    closing: [
      doomed.length > 0
        ? `${count(doomed.length, 'volume')} (${size}) will be destroyed. This can't be undone.`
        : 'No volume is deleted.',
      ...(snapshots.length > 0
        ? [`${count(snapshots.length, 'snapshot')} with the data of before will be destroyed. This can't be undone.`]
        : []),
      ...(kept.length > 0 ? ['Those to keep were Retain before: they stay, Released, and are yours to delete.'] : []),
    ],
  };
}

function snapshotTable(snapshots: readonly DoomedSnapshot[]): { columns: string[]; rows: string[][] } {
  const rows = snapshots.map(({ claim, snapshot, sizeBytes, createdAt, set }) => [
    claim,
    snapshot,
    set,
    readableBytes(sizeBytes),
    age(Date.now() - Date.parse(createdAt)),
  ]);
  return { columns: ['CLAIM', 'SNAPSHOT', 'SET', 'SIZE', 'AGE'], rows };
}

function tableOf(volumes: readonly Doomed[]): { columns: string[]; rows: string[][] } {
  const rows = volumes.map(({ claim, volume, sizeBytes, createdAt }) => [
    claim,
    volume,
    readableBytes(sizeBytes),
    age(Date.now() - Date.parse(createdAt)),
  ]);
  return { columns: ['CLAIM', 'VOLUME', 'SIZE', 'AGE'], rows };
}

async function carryOut(
  { output, cancelled }: { output: Output; cancelled: AbortSignal },
  cluster: Cluster,
  plan: CommitPlan,
  timeoutMs: number,
): Promise<void> {
  const progress = openProgress(output);
  const startedAtMs = Date.now();
  try {
    await runCommit(cluster, plan, {
      cancelled,
      timeoutMs,
      onProgress: ({ volume, claim }, state) => {
        progress.set(volume, [claim, volume, state], 'busy', startedAtMs);
      },
      onDone: (volume) => {
        progress.set(
          volume.volume,
          [volume.claim, volume.volume, isKeptByItsPolicy(volume) ? 'kept' : 'deleted'],
          'good',
        );
      },
      onWait: (detail) => {
        progress.note(detail);
      },
      checkAgain: async () => {
        const now = await prepareCommit(cluster, plan.namespace, plan.operation);
        if (!isDeepStrictEqual(plan, now)) throw changed(plan.operation);
      },
    });
  } finally {
    progress.close();
  }
}

function changed(operation: string): RefusedError {
  return new RefusedError(`what ${operation} keeps has changed since it was shown; nothing was deleted: run it again`);
}
