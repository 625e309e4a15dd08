/** What verbs about schedules are given. */
import type { Options } from 'yargs';
import { UsageError } from '../errors.ts';
import { dryRunFlag, outputFlag } from './flags.ts';

export const scheduleFlags: Record<string, Options> = {
  'velero-namespace': { type: 'string', describe: 'Where Velero is, if there are several or you may not look for it' },
  'dry-run': dryRunFlag,
  output: outputFlag,
};

/** @throws UsageError for anything but one schedule/NAME */
export function scheduleNamed(verb: string, words: readonly string[]): string {
  const [, name] = /^schedules?(?:\.velero\.io)?\/([^/]+)$/.exec(words.join(' ')) ?? [];
  if (name !== undefined) return name;
  throw new UsageError(`${verb} "${words.join(' ')}": expected schedule/NAME; see: kubectl pvsnap get schedules -A`);
}
