/** How verbs that stop, swap or delete ask before they begin. */
import { CancelledError, UsageError } from '../errors.ts';
import type { Output } from '../terminal/output.ts';
import { confirm } from '../terminal/prompt.ts';
import type { Arguments } from './command.ts';
import { dryRunOf } from './flags.ts';

/** @throws UsageError when the verb would have to ask, and can't: before anything is read */
export function requireAnswerable(verb: string, args: Arguments, output: Output): void {
  if (dryRunOf(args) !== 'none' || args.yes === true || output.interactive) return;
  throw new UsageError(
    `${verb} asks before it begins, and there is no terminal to ask on: pass --yes, or --dry-run=client to see the plan`,
  );
}

/** @throws CancelledError unless the answer is yes */
export async function askToBegin(question: string, args: Arguments): Promise<void> {
  if (args.yes !== true && !(await confirm(question))) throw new CancelledError('nothing was changed');
}
