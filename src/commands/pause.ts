/** `pause`: keeps a schedule of Velero's from making backups. */
import { pauseSchedule, findSchedule } from '../velero/schedules.ts';
import type { Command, Invocation } from './command.ts';
import { dryRunOf, formatOf, textOf } from './flags.ts';
import { printResult } from './print.ts';
import { scheduleFlags, scheduleNamed } from './schedule-words.ts';

export const flags = scheduleFlags;

export const usage =
  "$0 pause schedule/NAME [flags]\n\nKeeps a schedule of Velero's from making backups; those that it has made stay.";

export const examples: Command['examples'] = [['$0 pause schedule/nightly', 'No backups until it is unpaused']];

export async function run({ args, output, connect }: Invocation): Promise<void> {
  const name = scheduleNamed('pause', args._);
  const [format, dryRun] = [formatOf(args), dryRunOf(args)];
  const cluster = connect();
  const found = await findSchedule(cluster, name, textOf(args, 'velero-namespace'));
  const changed = dryRun === 'client' ? found : await pauseSchedule(cluster, found, true, dryRun === 'server');
  await printResult(output, { format, dryRun, name: `schedule.velero.io/${name}`, verb: 'paused', items: [changed] });
}
