/** `describe`: everything about a set or an operation, and what to do next. */
import type { Cluster } from '../cluster/cluster.ts';
import { UsageError } from '../errors.ts';
import { observeAround } from '../restore/observe-around.ts';
import type { Operation } from '../restore/operations.ts';
import type { Field } from '../terminal/description.ts';
import { descriptionText } from '../terminal/description.ts';
import type { SnapshotSet } from '../sets/set.ts';
import type { Arguments, Command, Invocation } from './command.ts';
import { backupFields } from './describe/backup.ts';
import { operationFields } from './describe/operation.ts';
import { setFields } from './describe/set.ts';
import { notFound } from './get/fetch-own.ts';
import type { Named, OwnType } from './get/own-types.ts';
import { ownTypes } from './get/own-types.ts';
import { ownNamed } from './get/own-words.ts';
import { textOf } from './flags.ts';
import { asReported, throwAll } from './get/report.ts';
import { storeAddressOf, veleroFlags } from './velero-flags.ts';

export const flags = veleroFlags;

export const usage =
  '$0 describe (set/NAME | operation/NAME)... [flags]\n\nShows a set with its snapshots, or an operation with its steps as ' +
  'the cluster shows them now, what it\nparked, and what to do next.';

export const examples: Command['examples'] = [
  ['$0 describe operation/restore-7f3k2', 'Which steps are done, what is parked, what to do next'],
  ['$0 describe set/velero/nightly-20261125020000', "What a backup of Velero's holds of each claim"],
  ['$0 describe set/before-upgrade', "A set's snapshots, contents and handles"],
];

/** @throws VerbatimError with what kubectl prints in the same place; UsageError */
export async function run({ args, output, connect, programName }: Invocation): Promise<void> {
  const named = ownNamed(args._);
  if (named === undefined) {
    throw new UsageError(`describe "${args._.join(' ')}": expected set/NAME or operation/NAME`);
  }
  const { type, names } = named;
  try {
    const cluster = connect();
    const { found, errors } =
      type === 'sets'
        ? await describeEach(cluster, args, ownTypes.sets, names, (set) => fieldsOfSet(cluster, set, args, programName))
        : await describeEach(cluster, args, ownTypes.operations, names, (one) => fieldsOf(cluster, one, programName));
    if (found.length > 0) await output.print(found.map(descriptionText).join('\n\n'));
    throwAll(errors);
  } catch (error) {
    throw asReported(error);
  }
}

async function describeEach<T extends Named>(
  cluster: Cluster,
  args: Arguments,
  type: OwnType<T>,
  names: readonly string[],
  describe: (one: T) => Promise<Field[]>,
): Promise<{ found: Field[][]; errors: Error[] }> {
  const all = await type.read(cluster, {
    namespace: cluster.namespace,
    veleroNamespace: textOf(args, 'velero-namespace'),
  });
  const wanted = [...new Set(names)].map((name) => ({ name, one: all.find((other) => other.name === name) }));
  return {
    found: await Promise.all(wanted.flatMap(({ one }) => (one === undefined ? [] : [describe(one)]))),
    errors: wanted.filter(({ one }) => one === undefined).map(({ name }) => notFound(type, name)),
  };
}

async function fieldsOfSet(cluster: Cluster, set: SnapshotSet, args: Arguments, programName: string): Promise<Field[]> {
  const { backup } = set;
  if (backup === undefined) return setFields(set, programName);
  const { readStored } = await import('../velero/stored-set.ts');
  const veleroNamespace = textOf(args, 'velero-namespace');
  const stored = await readStored(cluster, set.name, { veleroNamespace, storeAddress: storeAddressOf(args) });
  return backupFields({ ...set, backup }, stored.backup, stored.volumes, programName);
}

async function fieldsOf(cluster: Cluster, operation: Operation, programName: string): Promise<Field[]> {
  const plan = operation.recorded?.plan;
  return operationFields(operation, plan && (await observeAround(cluster, plan)), programName);
}
