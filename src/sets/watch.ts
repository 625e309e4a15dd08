/** What becomes of sets. There is no such object to watch: a set is made anew when one of its snapshots has changed. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Content, Snapshot } from '../cluster/objects.ts';
import { snapshots } from '../cluster/resources.ts';
import type { Watch } from '../cluster/watch.ts';
import { openWatch } from '../cluster/watch.ts';
import type { SetScope } from './read.ts';
import { contentsOf } from './read.ts';
import type { SnapshotSet } from './set.ts';
import { groupSets, keyOf, setKeyOf } from './set.ts';

export interface SetChange {
  /** MODIFIED also where a change of a member shows in nothing that is said of the set. */
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** One that is deleted is as it was last. */
  object: SnapshotSet;
}

/**
 * Yields each set that differs from what is known, and then each that changes. It goes on over lost connections, and
 * misses nothing between what was read and the watch. A change costs time by the size of its set, not by their number.
 * @param known what was read before, in the same scope
 * @throws the signal's reason when it is aborted; ClusterError when the watch can't go on
 */
export async function* watchSets(
  cluster: Cluster,
  scope: SetScope,
  known: readonly SnapshotSet[],
  signal: AbortSignal,
): AsyncGenerator<SetChange> {
  const ledger = ledgerOf(known);
  const members = known.flatMap((set) => set.members.map(({ snapshot }) => snapshot));
  const { namespace, labelSelector } = scope;
  const following = { known: members, onChange: ledger.noteMember };
  const watches = [await openWatch(cluster, snapshots, { namespace }, following)];
  try {
    if (labelSelector !== undefined) {
      ledger.selected = new Set();
      watches.push(await openWatch(cluster, snapshots, scope, { onChange: ledger.noteSelected }));
    }
    for (;;) {
      await untilAny(watches, () => ledger.changed.size > 0 || undefined, signal);
      yield* await changesIn(cluster, ledger);
    }
  } finally {
    for (const watch of watches) watch.close();
  }
}

interface Ledger {
  /** Members by uid, by set. */
  members: Map<string, Map<string, Snapshot>>;
  /** By name. */
  contents: Map<string, Content>;
  /** Sets that were told of, as they were then. */
  shown: Map<string, SnapshotSet>;
  /** Sets to look at, with those members whose content may have changed. */
  changed: Map<string, Snapshot[]>;
  /** Snapshots that a selector has found, by uid; undefined where there is none. */
  selected: Set<string> | undefined;
  noteMember: (before: Snapshot | undefined, after: Snapshot | undefined) => void;
  noteSelected: (before: Snapshot | undefined, after: Snapshot | undefined) => void;
}

function ledgerOf(known: readonly SnapshotSet[]): Ledger {
  const ledger: Ledger = {
    members: new Map(),
    contents: new Map(),
    shown: new Map(known.map((set) => [keyOf(set), set])),
    changed: new Map(),
    selected: undefined,
    noteMember: (before, after) => {
      if (before !== undefined) touched(ledger, before)?.delete(uidOf(before));
      if (after !== undefined) touched(ledger, after, [after])?.set(uidOf(after), after);
    },
    noteSelected: (before, after) => {
      if (before !== undefined) ledger.selected?.delete(uidOf(before));
      if (after !== undefined) ledger.selected?.add(uidOf(after));
      for (const snapshot of [before, after]) if (snapshot !== undefined) touched(ledger, snapshot);
    },
  };
  for (const { snapshot, content } of known.flatMap((set) => set.members)) {
    touched(ledger, snapshot)?.set(uidOf(snapshot), snapshot);
    if (content !== undefined) ledger.contents.set(content.metadata.name, content);
  }
  ledger.changed.clear();
  return ledger;
}

function uidOf({ metadata }: Snapshot): string {
  return metadata.uid ?? '';
}

/** Notes that its set has changed. @returns the set's members; undefined for a snapshot of no set */
function touched(ledger: Ledger, snapshot: Snapshot, changed: Snapshot[] = []): Map<string, Snapshot> | undefined {
  const key = setKeyOf(snapshot);
  if (key === undefined) return undefined;
  const waiting = ledger.changed.get(key) ?? [];
  waiting.push(...changed);
  ledger.changed.set(key, waiting);
  const members = ledger.members.get(key) ?? new Map<string, Snapshot>();
  ledger.members.set(key, members);
  return members;
}

/** The sets that have changed since the last time; none of those that a selector leaves out. */
async function changesIn(cluster: Cluster, ledger: Ledger): Promise<SetChange[]> {
  const changed = [...ledger.changed];
  ledger.changed.clear();
  const found = changed.filter(([key]) => isFound(ledger, key));
  const fresh = await contentsOf(
    cluster,
    found.flatMap(([key, some]) => (ledger.shown.has(key) ? some : membersOf(ledger, key))),
  );
  for (const [name, content] of fresh) ledger.contents.set(name, content);
  return changed.flatMap(([key]) => changeOf(ledger, key) ?? []);
}

function membersOf({ members }: Ledger, key: string): Snapshot[] {
  return [...(members.get(key)?.values() ?? [])];
}

function isFound({ members, selected }: Ledger, key: string): boolean {
  const uids = members.get(key)?.keys() ?? [];
  return selected === undefined || [...uids].some((uid) => selected.has(uid));
}

function changeOf(ledger: Ledger, key: string): SetChange | undefined {
  const { members, contents, shown } = ledger;
  const before = shown.get(key);
  const [set] = groupSets(membersOf(ledger, key), contents);
  if (set !== undefined && isFound(ledger, key)) {
    shown.set(key, set);
    return { type: before === undefined ? 'ADDED' : 'MODIFIED', object: set };
  }
  shown.delete(key);
  if (set === undefined) {
    members.delete(key);
    for (const { content } of before?.members ?? []) contents.delete(content?.metadata.name ?? '');
  }
  return before === undefined ? undefined : { type: 'DELETED', object: before };
}

async function untilAny(
  watches: readonly Watch<Snapshot>[],
  check: () => true | undefined,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const waits = watches.map((watch) => watch.until(check, AbortSignal.any([signal, over.signal])));
  try {
    await Promise.race(waits);
  } finally {
    over.abort();
    await Promise.allSettled(waits);
  }
}
