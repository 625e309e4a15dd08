/**
 * Removes what Velero's restores and deleted backups have left: objects alone. What is on storage stays, because a content
 * that is Retain when it goes takes nothing along, and no other is let go.
 */
import type { Right } from '../../cluster/access.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { onFreshObject } from '../../cluster/conflict.ts';
import { retainContent } from '../../cluster/retain-content.ts';
import type { Content, KubeObject, Snapshot } from '../../cluster/objects.ts';
import { claims, contents, snapshots } from '../../cluster/resources.ts';
import type { Watch } from '../../cluster/watch.ts';
import { openWatch } from '../../cluster/watch.ts';
import { RefusedError, isClusterError, reasonOf } from '../../errors.ts';
import { backupLabel } from '../resources.ts';
import type { Leftover } from './leftovers.ts';
import { nameOf, whyKept } from './leftovers.ts';

/** Controllers need a moment each, and one that doesn't run would never let go. */
const patienceMs = 60_000;
/** At once: the snapshot controllers of most clusters take five calls a second. */
const atOnce = 10;

export function rightsToFix(leftovers: readonly Leftover[]): Right[] {
  const namespaces = new Set(leftovers.flatMap(({ namespace, snapshot }) => (snapshot ? [namespace] : [])));
  const others = new Set(leftovers.map(({ namespace }) => namespace).filter((one) => !namespaces.has(one)));
  const isOwner = leftovers.some(({ content }) => content?.deletionPolicy === 'Delete');
  return [
    ...[...namespaces].flatMap((namespace) =>
      (['get', 'watch', 'delete'] as const).map((verb) => ({ verb, resource: snapshots, namespace })),
    ),
    ...[...others].map((namespace) => ({ verb: 'get' as const, resource: snapshots, namespace })),
    ...(['get', 'watch', 'delete'] as const).map((verb) => ({ verb, resource: contents })),
    ...(isOwner ? [{ verb: 'patch' as const, resource: contents }] : []),
  ];
}

export interface FixOptions {
  /** The server checks every call, and stores nothing. */
  dryRun: boolean;
  cancelled: AbortSignal;
  /** Called for each that is gone. */
  onRemoved: (leftover: Leftover) => void;
}

/** @returns what could not be removed, and why; after Ctrl-C the rest is left as it is */
export async function removeLeftovers(
  cluster: Cluster,
  leftovers: readonly Leftover[],
  { dryRun, cancelled, onRemoved }: FixOptions,
): Promise<{ about: string; problem: string }[]> {
  const failures: { about: string; problem: string }[] = [];
  const contentWatch = await openWatch(cluster, contents, { labelSelector: backupLabel });
  const context = { cluster, dryRun, contentWatch };
  try {
    for (let next = 0; next < leftovers.length; next += atOnce) {
      cancelled.throwIfAborted();
      await Promise.all(
        leftovers.slice(next, next + atOnce).map(async (leftover) => {
          try {
            await remove(context, leftover);
            onRemoved(leftover);
          } catch (error) {
            failures.push({ about: nameOf(leftover), problem: reasonOf(error) });
          }
        }),
      );
    }
  } finally {
    contentWatch.close();
  }
  return failures;
}

interface Context {
  cluster: Cluster;
  dryRun: boolean;
  contentWatch: Watch<Content>;
}

async function remove(context: Context, leftover: Leftover): Promise<void> {
  const { cluster, dryRun, contentWatch } = context;
  const { content } = leftover;
  await checkAgain(context, leftover);
  if (content !== undefined) await onFreshObject(() => retainContent(cluster, content, dryRun));
  await removeSnapshot(context, leftover);
  if (content === undefined) return;
  const { name, uid } = content;
  await onFreshObject(async () => {
    // The controllers write on it when its snapshot goes; whatever they wrote, it must be Retain when it goes itself.
    const version = await retainContent(cluster, content, dryRun);
    if (version === undefined) return;
    await unlessGone(cluster.delete(contents, { name }, { uid, resourceVersion: version }, { dryRun }));
  });
  if (!dryRun) await untilGone(contentWatch, name, uid);
}

/** Since the plan was made, somebody may have begun to use it. @throws RefusedError */
async function checkAgain({ cluster }: Context, { snapshot: planned, content, namespace }: Leftover): Promise<void> {
  const [snapshot, users] = await Promise.all([
    planned && cluster.find(snapshots, planned.name, namespace),
    planned && cluster.list(claims, { namespace }),
  ]);
  const name = content?.name ?? snapshot?.spec.source.volumeSnapshotContentName;
  const now = name === undefined ? undefined : await cluster.find(contents, name);
  if (content === undefined && now !== undefined)
    throw new RefusedError(`there is a content ${now.metadata.name} of it now`);
  if (planned === undefined && now !== undefined && (await hasSnapshot(cluster, now)))
    throw new RefusedError('there is a snapshot of it now');
  const kept = whyKept({ ...(snapshot && { snapshot }), ...(now && { content: now }) }, users ?? []);
  if (kept !== undefined) throw new RefusedError(kept.problem);
}

async function hasSnapshot(cluster: Cluster, { spec }: Content): Promise<boolean> {
  const { namespace, name } = spec.volumeSnapshotRef;
  return name !== undefined && (await cluster.find(snapshots, name, namespace)) !== undefined;
}

async function removeSnapshot({ cluster, dryRun }: Context, { snapshot, namespace }: Leftover): Promise<void> {
  if (snapshot === undefined) return;
  const { name, uid } = snapshot;
  const watch = await openWatch<Snapshot>(cluster, snapshots, { namespace, fieldSelector: `metadata.name=${name}` });
  try {
    await unlessGone(cluster.delete(snapshots, { name, namespace }, { uid }, { dryRun }));
    if (!dryRun) await untilGone(watch, name, uid);
  } finally {
    watch.close();
  }
}

async function unlessGone(deletion: Promise<void>): Promise<void> {
  await deletion.catch((error: unknown) => {
    if (!isClusterError(error, 'NotFound')) throw error;
  });
}

/** @throws RefusedError after a minute, with what holds it */
async function untilGone<T extends KubeObject>(watch: Watch<T>, name: string, uid: string): Promise<void> {
  const signal = AbortSignal.timeout(patienceMs);
  const isGone = (objects: ReadonlyMap<string, T>): true | undefined =>
    objects.get(name)?.metadata.uid !== uid || undefined;
  await watch.until(isGone, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    const finalizers = watch.objects.get(name)?.metadata.finalizers?.join(', ') ?? 'nobody knows what';
    throw new RefusedError(`${name} is deleted, and still there after ${patienceMs / 1000} s: ${finalizers} holds it`);
  });
}
