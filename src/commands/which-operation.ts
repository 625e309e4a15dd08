/** Which operation is meant, when none was named. */
import type { Cluster } from '../cluster/cluster.ts';
import { CancelledError, RefusedError, UsageError } from '../errors.ts';
import type { Recorded } from '../restore/records.ts';
import { readRecords } from '../restore/records.ts';
import { age } from '../terminal/age.ts';
import { pick } from '../terminal/prompt.ts';
import type { Invocation } from './command.ts';

/** `NAME` or `operation/NAME`. @throws UsageError for anything else, and for several */
export function namedOperation(verb: string, words: readonly string[]): string | undefined {
  const [word, ...others] = words;
  if (word === undefined) return undefined;
  const [, name] = /^(?:operations?\/)?([a-z0-9]+(?:-[a-z0-9]+)+)$/.exec(word) ?? [];
  if (name !== undefined && others.length === 0) return name;
  throw new UsageError(`${verb} "${words.join(' ')}": expected one operation, such as restore-7f3k2`);
}

/**
 * The only one that can be meant; of several, the one chosen from a list.
 * @param isMeant which of the namespace's operations the verb is for
 * @throws RefusedError when there is none, or when there are several and nobody to ask
 */
export async function chooseOperation(
  { output }: Pick<Invocation, 'output'>,
  cluster: Cluster,
  verb: string,
  isMeant: (recorded: Recorded, all: readonly Recorded[]) => boolean,
): Promise<string> {
  const all = await readRecords(cluster, cluster.namespace);
  const meant = all
    .filter((recorded) => isMeant(recorded, all))
    .sort((a, b) => ((a.startedAt ?? '') < (b.startedAt ?? '') ? 1 : -1));
  const choices = meant.map((recorded) => ({ value: recorded.plan.operation, cells: cellsOf(recorded) }));
  return chooseAmong({ output }, choices, { verb, where: `in namespace ${cluster.namespace}` });
}

export async function chooseAmong(
  { output }: Pick<Invocation, 'output'>,
  choices: readonly { value: string; cells: string[] }[],
  { verb, where }: { verb: string; where: string },
): Promise<string> {
  const [first] = choices;
  if (first === undefined) throw new RefusedError(`there is no operation to ${verb} ${where}; nothing was changed`);
  if (choices.length === 1) return first.value;
  if (!output.interactive) {
    const names = choices.map(({ value }) => value).join(', ');
    throw new RefusedError(`there are ${choices.length} operations to ${verb} ${where}; name one: ${names}`);
  }
  const chosen = await pick(`${verb[0]?.toUpperCase() ?? ''}${verb.slice(1)} which operation?`, choices);
  if (chosen === undefined) throw new CancelledError('nothing was chosen, and nothing was changed');
  return chosen;
}

function cellsOf({ plan, phase, step, startedAt }: Recorded): string[] {
  return [
    plan.operation,
    startedAt === undefined ? '' : `${age(Date.now() - Date.parse(startedAt))} ago`,
    phase === 'completed' ? 'completed' : `open in step ${step}`,
    `of ${plan.kind === 'restore' ? plan.source.name : plan.undoes}`,
    plan.members.map(({ claim }) => claim).join(' '),
  ];
}
