/** `get sets`: a line per SnapshotSet. A member that is missing, failed or not ready shows in VOLUMES and in STATE. */
import type { Cluster } from '../cluster/cluster.ts';
import { readableBytes } from '../cluster/quantity.ts';
import type { Resource } from '../cluster/resources.ts';
import type { Shape } from '../cluster/tables.ts';
import { FailedError, UsageError } from '../errors.ts';
import { cutAt, problemOf, restoreSizeBytes, stateOf } from '../sets/member.ts';
import { readSets } from '../sets/read.ts';
import type { SnapshotSet } from '../sets/set.ts';
import { isComplete, readyCount, sizeBytes, skewOf } from '../sets/set.ts';
import { age, compact } from '../terminal/age.ts';
import type { Fetch, Found } from './get/fetch.ts';
import type { GetOptions } from './get/options.ts';
import { requireOurs } from './get/types.ts';
import type { Asked } from './get/words.ts';

/** Sets are no type of the API, but are printed as if they were. */
const sets: Resource = {
  group: '',
  version: 'v1',
  plural: 'snapshotsets',
  singular: 'snapshotset',
  kind: 'SnapshotSet',
  shortNames: ['sets', 'set'],
  namespaced: true,
};

/** Whether sets are asked for, and nothing else. @throws UsageError for types that `get` doesn't know, or both */
export function asksForSets(asked: Asked): boolean {
  if (asked.how === 'files') return false;
  const words = asked.how === 'lists' ? asked.types : asked.items.map(({ type }) => type);
  const others = words.filter((word) => ![sets.plural, sets.singular, ...sets.shortNames].includes(word.toLowerCase()));
  others.forEach(requireOurs);
  if (others.length > 0 && others.length < words.length) throw new UsageError('get sets takes no other type beside it');
  return others.length === 0;
}

/** Reads the sets that were asked for, laid out as the API server would lay them out. @throws ClusterError */
export async function fetchSets(cluster: Cluster, asked: Asked, options: GetOptions, { as }: Shape): Promise<Fetch> {
  const names = asked.how === 'names' ? asked.items.map(({ name }) => name) : undefined;
  refuseUnknown(names, options);
  const { allNamespaces, namespace, labelSelector, ignoreNotFound } = options;
  const all = await readSets(cluster, { namespace: allNamespaces ? undefined : namespace, labelSelector });
  const absent = names?.filter((name) => !all.some((set) => set.name === name)) ?? [];
  const shown = names === undefined ? all : all.filter((set) => names.includes(set.name));
  const isSingle = names?.length === 1;
  return {
    isSingle,
    found: foundOf(shown, as, isSingle),
    errors: ignoreNotFound
      ? []
      : absent.map((name) => new FailedError(`there is no set "${name}" in namespace ${namespace}`)),
    watched: undefined,
  };
}

function refuseUnknown(names: readonly string[] | undefined, options: GetOptions): void {
  if (options.watch !== 'no')
    throw new UsageError('get sets -w: sets are not watched; watch their snapshots (get vs -w)');
  if (options.fieldSelector !== undefined)
    throw new UsageError('get sets --field-selector: sets have no fields to select by');
  if (names !== undefined && options.allNamespaces) {
    throw new FailedError('a resource cannot be retrieved by name across all namespaces');
  }
}

function foundOf(shown: readonly SnapshotSet[], as: Shape['as'], isSingle: boolean): Found[] {
  const objects = shown.map(asObject);
  const documents = as === 'tables' ? [tableOf(shown, objects)] : isSingle ? objects : [{ items: objects }];
  return documents.map((document) => ({ resource: sets, document }));
}

const columns = ['Name', 'Target', 'Volumes', 'Skew', 'Size', 'Age'];
const wideColumns = ['Taken by', 'State', 'Snapshots'];

function tableOf(shown: readonly SnapshotSet[], objects: readonly object[]): Found['document'] {
  const definitions = [...columns, ...wideColumns].map((name) => ({
    name,
    type: 'string',
    format: name === 'Name' ? 'name' : '',
    priority: columns.includes(name) ? 0 : 1,
  }));
  const rows = shown.map((set, index) => ({ cells: [...cellsOf(set), ...wideCellsOf(set)], object: objects[index] }));
  return { kind: 'Table', columnDefinitions: definitions, rows };
}

function wideCellsOf(set: SnapshotSet): string[] {
  return [set.takenBy, stateText(set), set.members.map(({ snapshot }) => snapshot.metadata.name).join(',')];
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

/** A set isn't an object of the API; this is how it is written for scripts. docs/objects.md describes the fields. */
function asObject(set: SnapshotSet): Found['document'] {
  const skew = skewOf(set.members);
  const object = {
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
  // What is undefined is not there.
  return JSON.parse(JSON.stringify(object)) as Found['document'];
}
