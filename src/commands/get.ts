/** `get`: prints snapshots, contents and classes as kubectl prints them, and sets and operations. */
import type { Shape } from '../cluster/tables.ts';
import type { Command, Invocation } from './command.ts';
import { fetchAsked } from './get/fetch.ts';
import { fetchOwn } from './get/fetch-own.ts';
import type { Output } from '../terminal/output.ts';
import type { GetFlags, GetOptions } from './get/options.ts';
import { isTable, optionsOf } from './get/options.ts';
import { askedByName, ownTypeOf } from './get/own-words.ts';
import { printObjects } from './get/print-objects.ts';
import { printTables, rowsOf } from './get/print-tables.ts';
import { asReported } from './get/report.ts';
import { watchFound } from './get/watch.ts';
import { askedBy } from './get/words.ts';

export { flags } from './get/options.ts';

export const usage =
  '$0 get (sets | operations | vs | vsc | vsclass | vgs | vgsc | vgsclass | schedules) [NAME...] [flags]\n\nLists SnapshotSets, operations, what kubectl get lists of the snapshot APIs, and\nschedules of Velero.';

export const examples: Command['examples'] = [
  ['$0 get sets', 'The sets of the namespace'],
  ['$0 get operations', 'Restores and undos, what they parked, and what was interrupted'],
  ['$0 get vs -l pvsnap.io/set=before-upgrade', "A set's snapshots"],
  ['$0 get vs,vsc', 'Snapshots, and all contents'],
  ['$0 get vs -w', 'Snapshots, and then what changes'],
  [
    '$0 get vsc --sort-by .status.creationTime -o custom-columns=NAME:.metadata.name,CUT:.status.creationTime',
    'When contents were cut',
  ],
  ['$0 get sets -A -o wide', 'The sets of all namespaces, with their snapshots'],
];

/** @throws VerbatimError with what kubectl prints in the same place; UsageError for what only we refuse */
export async function run(invocation: Invocation): Promise<void> {
  try {
    await get(invocation);
  } catch (error) {
    throw asReported(error);
  }
}

async function get(invocation: Invocation): Promise<void> {
  const { args, output, connect, cancelled } = invocation;
  const flags = optionsOf(invocation);
  const asked = askedByName(args._, flags) ?? askedBy(args._, flags);
  const own = ownTypeOf(asked);
  warnOfSorting(output, flags);
  const cluster = connect();
  const options = { ...flags, namespace: cluster.namespace };
  const shape = shapeFor(options);
  const fetched =
    own === undefined
      ? await fetchAsked(cluster, asked, options, shape)
      : await fetchOwn(cluster, own, asked, options, shape);
  if (options.watch !== 'no') await watchFound(cluster, output, fetched, options, { shape, cancelled });
  else if (isTable(options)) await printTables(output, fetched, options);
  else await printObjects(output, fetched, options);
}

function warnOfSorting(output: Output, { sortPath, watch }: GetFlags): void {
  if (sortPath === '' || watch === 'no') return;
  const what = watch === 'also' ? 'will be ignored for watch events received' : 'will be ignored';
  output.note(`warning: --watch${watch === 'also' ? '' : '-only'} requested, --sort-by ${what}`);
}

/** Tables where they are all that is printed: names, too, are in them, and in far fewer bytes. */
function shapeFor(options: GetOptions): Shape {
  const isNames = options.output.toLowerCase() === 'name' && options.sortPath === '' && options.watch === 'no';
  if (isNames) return { as: 'tables', rows: 'None' };
  if (isTable(options) && options.serverPrint) return { as: 'tables', rows: rowsOf(options) };
  return { as: 'objects' };
}
