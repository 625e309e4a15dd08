/** All sets: snapshots that were taken together, and the backups of Velero, whose snapshots are on storage alone. */
import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../cluster/cluster.ts';
import { openWatch } from '../cluster/watch.ts';
import type { SetScope } from '../sets/read.ts';
import { readSets } from '../sets/read.ts';
import type { SnapshotSet } from '../sets/set.ts';
import { keyOf, newestFirst } from '../sets/set.ts';
import type { SetChange } from '../sets/watch.ts';
import { watchSets } from '../sets/watch.ts';
import { covers, isStored, readBackups, setOf } from './backups.ts';
import { eitherOf } from './either.ts';
import { hasStatus } from './find.ts';
import type { Backup } from './resources.ts';
import { backups, setNameOf } from './resources.ts';

export interface AllSetsScope extends SetScope {
  /** Where Velero is, for a user who may not look for it. */
  veleroNamespace?: string | undefined;
}

/**
 * A backup is listed in each namespace that it may have claims of, and with all namespaces once. While it has
 * snapshots in the cluster it is the set of those, as a restore takes it.
 * @param scope the selector is about labels of snapshots, or of backups
 */
export async function readAllSets(
  cluster: Cluster,
  { veleroNamespace, ...scope }: AllSetsScope,
): Promise<SnapshotSet[]> {
  const [sets, found] = await Promise.all([
    readSets(cluster, scope),
    readBackups(cluster, { veleroNamespace, labelSelector: scope.labelSelector }),
  ]);
  return joined(sets, found, scope).sort(newestFirst);
}

/** Pure. */
export function joined(sets: readonly SnapshotSet[], found: readonly Backup[], scope: SetScope): SnapshotSet[] {
  const backupsOf = Map.groupBy(found, setNameOf);
  const isItsOwn = ({ name, namespace }: SnapshotSet): boolean =>
    !(backupsOf.get(name) ?? []).some((backup) => isStored(backup) && covers(backup, namespace));
  const present = sets.filter(isItsOwn);
  const presentOf = Map.groupBy(present, ({ name }) => name);
  const isPresent = (backup: Backup): boolean =>
    (presentOf.get(setNameOf(backup)) ?? []).some(({ namespace }) => covers(backup, namespace));
  return [...present, ...found.filter((backup) => !isPresent(backup)).flatMap((backup) => setsOf(backup, scope))];
}

function setsOf(backup: Backup, { namespace }: SetScope): SnapshotSet[] {
  if (namespace === undefined) return [setOf(backup, homeOf(backup))];
  return covers(backup, namespace) ? [setOf(backup, namespace)] : [];
}

/** The one namespace that it is of; of several, Velero's own. */
function homeOf({ spec, metadata }: Backup): string {
  const [first = '*', ...others] = spec?.includedNamespaces ?? [];
  return others.length === 0 && first !== '*' ? first : (metadata.namespace ?? '');
}

/** As watchSets, and what becomes of backups besides. */
export async function* watchAllSets(
  cluster: Cluster,
  scope: SetScope,
  known: readonly SnapshotSet[],
  signal: AbortSignal,
): AsyncGenerator<SetChange> {
  const { stored = [], present = [] } = Object.groupBy(known, ({ backup }) =>
    backup === undefined ? 'present' : 'stored',
  );
  const ofSnapshots = watchSets(cluster, scope, present, signal);
  yield* eitherOf(ofSnapshots, watchBackups(cluster, scope, { stored, present }, signal));
}

interface KnownSets {
  /** Of backups. */
  stored: readonly SnapshotSet[];
  /** Of snapshots. */
  present: readonly SnapshotSet[];
}

async function* watchBackups(
  cluster: Cluster,
  scope: SetScope,
  known: KnownSets,
  signal: AbortSignal,
): AsyncGenerator<SetChange> {
  const { labelSelector } = scope;
  const changes: SetChange[] = [];
  const note = (before: Backup | undefined, after: Backup | undefined): void => {
    const object = after ?? before;
    if (object === undefined) return;
    const type = after === undefined ? 'DELETED' : before === undefined ? 'ADDED' : 'MODIFIED';
    changes.push(...setsOf(object, scope).map((set) => ({ type, object: set }) as const));
  };
  try {
    const watch = await openWatch(cluster, backups, { labelSelector }, { onChange: note });
    try {
      const read = [...watch.objects.values()].flatMap((backup) => setsOf(backup, scope));
      changes.splice(0, changes.length, ...since(known, read));
      for (;;) {
        await watch.until(() => changes.length > 0 || undefined, signal);
        yield* changes.splice(0);
      }
    } finally {
      watch.close();
    }
  } catch (error) {
    // Where there is no Velero, or none that the user may see, there is nothing to watch.
    if (!hasStatus(error, 403, 404)) throw error;
  }
}

/** What has become of backups between what was read before and the watch. */
function since({ stored, present }: KnownSets, read: readonly SnapshotSet[]): SetChange[] {
  const shown = new Set(present.map(keyOf));
  const before = Map.groupBy(stored, keyOf);
  const now = new Set(read.map(keyOf));
  return [
    ...read.flatMap((object): SetChange[] => {
      const key = keyOf(object);
      const same = before.get(key);
      if (shown.has(key) || same?.some((one) => isDeepStrictEqual(one, object)) === true) return [];
      return [{ type: same === undefined ? 'ADDED' : 'MODIFIED', object }];
    }),
    ...stored.filter((one) => !now.has(keyOf(one))).map((object): SetChange => ({ type: 'DELETED', object })),
  ];
}
