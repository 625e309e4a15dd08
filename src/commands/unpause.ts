/** `unpause`: lets a schedule of Velero's make backups again. */
import { pauseSchedule, findSchedule } from '../velero/schedules.ts';
import type { Command, Invocation } from './command.ts';
import { dryRunOf, formatOf, textOf } from './flags.ts';
import { printResult } from './print.ts';
import { scheduleFlags, scheduleNamed } from './schedule-words.ts';

export const flags = scheduleFlags;

export const usage = "$0 unpause schedule/NAME [flags]\n\nLets a schedule of Velero's make backups again.";

export const examples: Command['examples'] = [['$0 unpause schedule/nightly', 'From its next time on']];

export async function run({ args, output, connect }: Invocation): Promise<void> {
  const name = scheduleNamed('unpause', args._);
  const [format, dryRun] = [formatOf(args), dryRunOf(args)];
  const cluster = connect();
  const found = await findSchedule(cluster, name, textOf(args, 'velero-namespace'));
  const changed = dryRun === 'client' ? found : await pauseSchedule(cluster, found, false, dryRun === 'server');
  await printResult(output, { format, dryRun, name: `schedule.velero.io/${name}`, verb: 'unpaused', items: [changed] });
}
