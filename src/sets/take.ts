/** Takes a set: all its snapshots in one burst, then one wait for all of them. */
import type { Cluster } from '../cluster/cluster.ts';
import { createOnce } from '../cluster/create-once.ts';
import type { Content, Snapshot } from '../cluster/objects.ts';
import { snapshots } from '../cluster/resources.ts';
import { openWatch } from '../cluster/watch.ts';
import { reasonOf } from '../errors.ts';
import { setLabel } from './marks.ts';
import { isReady } from './member.ts';
import type { SetPlan } from './prepare.ts';
import { contentsOf } from './read.ts';
import type { SnapshotSet } from './set.ts';
import { groupSets } from './set.ts';

export interface TakeOptions {
  /** Aborted by the user or at the deadline: the wait ends, the snapshots stay. */
  signal: AbortSignal;
  /** false: return once the snapshots are created. */
  wait: boolean;
  /** Called for each member that has changed. */
  onMember: (snapshot: Snapshot) => void;
}

export interface Taken {
  set: SnapshotSet;
  /** Members that could not even be created, with the server's words, by snapshot name. */
  refused: ReadonlyMap<string, string>;
  /** Members that were deleted by somebody before they were ready, by snapshot name. */
  deleted: readonly string[];
  /** Why the wait ended before all were ready; undefined when they are. */
  ended: unknown;
}

/**
 * A driver's error doesn't end the wait: the sidecar tries again until it works (external-snapshotter retries with
 * backoff). What ends it is the signal.
 */
export async function takeSet(cluster: Cluster, plan: SetPlan, options: TakeOptions): Promise<Taken> {
  const { namespace, name } = plan;
  // Opened before the burst, so that no request of ours stands between two members.
  const watch = await openWatch(cluster, snapshots, { namespace, labelSelector: `${setLabel}=${name}` });
  const observed = new AbortController();
  try {
    const seen = new Map<string, string | undefined>();
    // From before the burst on, so that one that is deleted while others are still being created is not missed.
    watch
      .until((objects) => {
        note(objects, seen, options);
      }, observed.signal)
      .catch(() => undefined);
    const { created, refused } = await createAll(cluster, plan);
    const ended = options.wait ? await untilReady(watch, created, seen, options) : undefined;
    const isDeleted = ({ metadata }: Snapshot): boolean => seen.has(metadata.name) && !watch.objects.has(metadata.name);
    const deleted = created.filter(isDeleted).map(({ metadata }) => metadata.name);
    const latest = created
      .filter((snapshot) => !isDeleted(snapshot))
      .map((snapshot) => watch.objects.get(snapshot.metadata.name) ?? snapshot);
    // Only for the exact skew: the set is there whether they can be read or not.
    const contents = await contentsOf(cluster, latest).catch(() => new Map<string, Content>());
    const [set] = groupSets(latest, contents);
    return { set: set ?? emptySet(plan), refused, deleted, ended };
  } finally {
    observed.abort();
    watch.close();
  }
}

/** Remembers and tells each member that has changed. @returns undefined always: this is no wait */
function note(
  objects: ReadonlyMap<string, Snapshot>,
  seen: Map<string, string | undefined>,
  { onMember }: TakeOptions,
): undefined {
  for (const [name, snapshot] of objects) {
    if (seen.get(name) === snapshot.metadata.resourceVersion) continue;
    seen.set(name, snapshot.metadata.resourceVersion);
    onMember(snapshot);
  }
}

async function createAll(
  cluster: Cluster,
  plan: SetPlan,
): Promise<{ created: Snapshot[]; refused: Map<string, string> }> {
  const isOurs = (existing: Snapshot): boolean => existing.metadata.labels?.[setLabel] === plan.name;
  const results = await Promise.allSettled(
    plan.snapshots.map((snapshot) => createOnce(cluster, snapshots, snapshot, isOurs)),
  );
  const created: Snapshot[] = [];
  const refused = new Map<string, string>();
  results.forEach((result, index) => {
    if (result.status === 'fulfilled') created.push(result.value);
    else refused.set(plan.snapshots[index]?.metadata.name ?? '', reasonOf(result.reason));
  });
  return { created, refused };
}

/** @returns undefined when all are ready, otherwise why the wait ended */
async function untilReady(
  watch: Awaited<ReturnType<typeof openWatch<Snapshot>>>,
  created: readonly Snapshot[],
  seen: ReadonlyMap<string, string | undefined>,
  { signal }: TakeOptions,
): Promise<unknown> {
  const names = created.map(({ metadata }) => metadata.name);
  const check = (objects: ReadonlyMap<string, Snapshot>): true | undefined => {
    const settled = names.every((name) => {
      const snapshot = objects.get(name);
      // One that was seen and has gone was deleted by somebody: it will never be ready.
      return snapshot === undefined ? seen.has(name) : isReady(snapshot);
    });
    return settled ? true : undefined;
  };
  try {
    await watch.until(check, signal);
    return undefined;
  } catch (error) {
    return error;
  }
}

function emptySet({ name, namespace, target, snapshots: members }: SetPlan): SnapshotSet {
  return { name, namespace, takenBy: 'pvsnap', target, expected: members.length, members: [], createdAtMs: Date.now() };
}
