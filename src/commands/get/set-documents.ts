/** A SnapshotSet as the API server would write it, were it an object of the API: as a row of a Table, or whole. */
import type { JsonObject } from '../../cluster/json.ts';
import { readableBytes } from '../../cluster/quantity.ts';
import { cutAt, problemOf, restoreSizeBytes, stateOf } from '../../sets/member.ts';
import type { BackupFacts, SnapshotSet } from '../../sets/set.ts';
import { isComplete, readyCount, sharedLabels, sizeBytes, skewOf } from '../../sets/set.ts';
import { shown } from '../../terminal/text.ts';
import { age, compact } from '../../terminal/age.ts';

/** Of a table: a member is missing, failed or not ready. */
export function isAlarming(header: string, cell: string): boolean {
  const [ready, all] = cell.split('/');
  return header === volumesColumn.toUpperCase() && ready !== all;
}

const volumesColumn = 'Volumes';
const columns = ['Name', 'Target', volumesColumn, 'Skew', 'Size', 'Age'];
const wideColumns = ['Taken by', 'State', 'Snapshots'];

export function tableOf(shown: readonly SnapshotSet[]): JsonObject {
  const definitions = [...columns, ...wideColumns].map((name) => ({
    name,
    type: 'string',
    format: name === 'Name' ? 'name' : '',
    priority: columns.includes(name) ? 0 : 1,
  }));
  const rows = shown.map((set) => ({ cells: [...cellsOf(set), ...wideCellsOf(set)], object: asObject(set) }));
  return { kind: 'Table', columnDefinitions: definitions, rows };
}

/** What a row shows of the set itself: all but its age. */
export function shownCells(set: SnapshotSet, isWide: boolean): string[] {
  return [...cellsOf(set).slice(0, -1), ...(isWide ? wideCellsOf(set) : [])];
}

function wideCellsOf(set: SnapshotSet): string[] {
  return [set.takenBy, stateText(set), set.members.map(({ snapshot }) => snapshot.metadata.name).join(',')];
}

function cellsOf(set: SnapshotSet): string[] {
  const skew = skewOf(set.members);
  return [
    set.name,
    shown(set.target),
    `${readyCount(set)}/${Math.max(set.expected, set.members.length)}`,
    skew === undefined ? '' : skew.exact ? compact(skew.ms) : `<${compact(skew.ms + 1000)}`,
    set.backup === undefined ? readableBytes(sizeBytes(set)) : '',
    age(Date.now() - set.createdAtMs),
  ];
}

/** `complete`, or the first thing that is wrong with it. */
function stateText(set: SnapshotSet): string {
  if (set.backup !== undefined) return backupText(set.backup, set.expected);
  if (isComplete(set)) return 'complete';
  const unready = set.members.find((member) => stateOf(member) !== 'ready');
  if (unready === undefined) return `incomplete: ${set.expected - set.members.length} snapshots are gone`;
  return `incomplete: ${unready.claim} is ${stateOf(unready)}${problemOf(unready) === undefined ? '' : `: ${problemOf(unready) ?? ''}`}`;
}

/** A backup can be Completed and hold nothing. */
function backupText({ phase, expiresAt }: BackupFacts, expected: number): string {
  const leftMs = expiresAt === undefined ? undefined : Date.parse(expiresAt) - Date.now();
  const end = leftMs === undefined ? '' : leftMs <= 0 ? ', expired' : `, expires in ${age(leftMs)}`;
  return `${shown(phase)}${expected === 0 ? ', holds no snapshot' : ''}${end}`;
}

/** How a set is written for scripts. docs/objects.md describes the fields. */
export function asObject(set: SnapshotSet): JsonObject {
  const skew = skewOf(set.members);
  const object = {
    apiVersion: 'pvsnap.io/v1',
    kind: 'SnapshotSet',
    metadata: {
      name: set.name,
      namespace: set.namespace,
      labels: sharedLabels(set),
      creationTimestamp: new Date(set.createdAtMs).toISOString(),
    },
    spec: { target: set.target, takenBy: set.takenBy, members: set.expected },
    status: {
      complete: isComplete(set),
      ready: readyCount(set),
      ...(set.backup === undefined ? { sizeBytes: sizeBytes(set) } : { backup: set.backup }),
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
  return JSON.parse(JSON.stringify(object)) as JsonObject;
}
