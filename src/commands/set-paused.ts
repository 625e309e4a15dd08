/** What `pause` and `unpause` do. */
import { findSchedule, pauseSchedule } from '../velero/schedules.ts';
import type { Invocation } from './command.ts';
import { dryRunOf, formatOf, textOf } from './flags.ts';
import { printResult } from './print.ts';
import { scheduleNamed } from './schedule-words.ts';

export async function setPaused(
  { args, output, connect }: Invocation,
  verb: 'pause' | 'unpause',
  paused: boolean,
): Promise<void> {
  const name = scheduleNamed(verb, args._);
  const [format, dryRun] = [formatOf(args), dryRunOf(args)];
  const cluster = connect();
  const found = await findSchedule(cluster, name, textOf(args, 'velero-namespace'));
  const changed = dryRun === 'client' ? found : await pauseSchedule(cluster, found, paused, dryRun === 'server');
  await printResult(output, { format, dryRun, name: `schedule.velero.io/${name}`, verb: `${verb}d`, items: [changed] });
}
