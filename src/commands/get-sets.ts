/** `get sets`: a line per SnapshotSet. A member that is missing, failed or not ready shows in VOLUMES and in STATE. */
import type { Cluster } from '../cluster/cluster.ts';
import { readableBytes } from '../cluster/quantity.ts';
import { FailedError } from '../errors.ts';
import { cutAt, problemOf, restoreSizeBytes, stateOf } from '../sets/member.ts';
import { readSets } from '../sets/read.ts';
import type { SnapshotSet } from '../sets/set.ts';
import { isComplete, readyCount, sizeBytes, skewOf } from '../sets/set.ts';
import { age, compact } from '../terminal/age.ts';
import type { Output } from '../terminal/output.ts';
import { tableLines } from '../terminal/table.ts';
import type { GetOptions } from './get.ts';
import { nothingFound } from './get.ts';
import { printValue } from './print.ts';

const columns = ['NAME', 'TARGET', 'VOLUMES', 'SKEW', 'SIZE', 'AGE'];

export async function getSets(cluster: Cluster, output: Output, options: GetOptions): Promise<void> {
  const { namespace, names, selector, format } = options;
  const all = await readSets(cluster, { namespace, labelSelector: selector });
  const absent = names.filter((name) => !all.some((set) => set.name === name));
  const sets = names.length === 0 ? all : all.filter((set) => names.includes(set.name));

  if (format === 'json' || format === 'yaml') {
    const items = sets.map(asObject);
    await printValue(output, format, names.length === 1 && items.length === 1 ? items[0] : listOf(items));
  } else if (format === 'name') {
    await output.print(sets.map(({ name }) => `snapshotset/${name}\n`).join(''));
  } else if (sets.length > 0) {
    await printTable(output, sets, namespace === undefined, format === 'wide');
  } else if (absent.length === 0) {
    output.note(nothingFound(namespace));
  }
  if (absent.length > 0) {
    throw new FailedError(
      `there is no set ${absent.map((name) => `"${name}"`).join(', ')} in namespace ${namespace ?? ''}`,
    );
  }
}

async function printTable(
  output: Output,
  sets: readonly SnapshotSet[],
  showNamespace: boolean,
  wide: boolean,
): Promise<void> {
  const header = [
    ...(showNamespace ? ['NAMESPACE'] : []),
    ...columns,
    ...(wide ? ['TAKEN BY', 'STATE', 'SNAPSHOTS'] : []),
  ];
  const rows = sets.map((set) => [
    ...(showNamespace ? [set.namespace] : []),
    ...cellsOf(set),
    ...(wide ? [set.takenBy, stateText(set), set.members.map(({ snapshot }) => snapshot.metadata.name).join(',')] : []),
  ]);
  await output.print([...tableLines(header, rows), ''].join('\n'));
}

function cellsOf(set: SnapshotSet): string[] {
  const skew = skewOf(set.members);
  return [
    set.name,
    set.target,
    `${readyCount(set)}/${Math.max(set.expected, set.members.length)}`,
    skew === undefined ? '' : skew.exact ? compact(skew.ms) : `<${compact(skew.ms + 1000)}`,
    readableBytes(sizeBytes(set)),
    age(Date.now() - set.createdAtMs),
  ];
}

/** `complete`, or the first thing that is wrong with it. */
function stateText(set: SnapshotSet): string {
  if (isComplete(set)) return 'complete';
  const unready = set.members.find((member) => stateOf(member) !== 'ready');
  if (unready === undefined) return `incomplete: ${set.expected - set.members.length} snapshots are gone`;
  return `incomplete: ${unready.claim} is ${stateOf(unready)}${problemOf(unready) === undefined ? '' : `: ${problemOf(unready) ?? ''}`}`;
}

function listOf(items: readonly object[]): object {
  return { apiVersion: 'v1', kind: 'List', items };
}

/** A set isn't an object of the API; this is how it is written for scripts. docs/objects.md describes the fields. */
function asObject(set: SnapshotSet): object {
  const skew = skewOf(set.members);
  return {
    apiVersion: 'pvsnap.io/v1',
    kind: 'SnapshotSet',
    metadata: {
      name: set.name,
      namespace: set.namespace,
      creationTimestamp: new Date(set.createdAtMs).toISOString(),
    },
    spec: { target: set.target, takenBy: set.takenBy, members: set.expected },
    status: {
      complete: isComplete(set),
      ready: readyCount(set),
      sizeBytes: sizeBytes(set),
      ...(skew !== undefined && { skewMs: skew.ms, skewExact: skew.exact }),
      members: set.members.map((member) => ({
        claim: member.claim,
        snapshot: member.snapshot.metadata.name,
        content: member.snapshot.status?.boundVolumeSnapshotContentName,
        state: stateOf(member),
        restoreSizeBytes: restoreSizeBytes(member),
        cutAtMs: cutAt(member)?.ms,
        problem: problemOf(member),
      })),
    },
  };
}
