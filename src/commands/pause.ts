/** `pause`: keeps a schedule of Velero's from making backups. */
import type { Command, Invocation } from './command.ts';
import { scheduleFlags } from './schedule-words.ts';
import { setPaused } from './set-paused.ts';

export const flags = scheduleFlags;

export const usage =
  "$0 pause schedule/NAME [flags]\n\nKeeps a schedule of Velero's from making backups; those that it has made stay.";

export const examples: Command['examples'] = [['$0 pause schedule/nightly', 'No backups until it is unpaused']];

export function run(invocation: Invocation): Promise<void> {
  return setPaused(invocation, 'pause', true);
}
