/** `unpause`: lets a schedule of Velero's make backups again. */
import type { Command, Invocation } from './command.ts';
import { scheduleFlags } from './schedule-words.ts';
import { setPaused } from './set-paused.ts';

export const flags = scheduleFlags;

export const usage = "$0 unpause schedule/NAME [flags]\n\nLets a schedule of Velero's make backups again.";

export const examples: Command['examples'] = [['$0 unpause schedule/nightly', 'From its next time on']];

export function run(invocation: Invocation): Promise<void> {
  return setPaused(invocation, 'unpause', false);
}
