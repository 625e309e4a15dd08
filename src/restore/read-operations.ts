/** Reads operations, and tells what becomes of them: one list or watch of each kind, however many there are. */
import { setTimeout as pause } from 'node:timers/promises';
import { ifAllowed } from '../cluster/access.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { KubeObject } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import { configMaps, leases, volumes } from '../cluster/resources.ts';
import type { Watch } from '../cluster/watch.ts';
import { openWatch } from '../cluster/watch.ts';
import { operationMark } from './marks.ts';
import type { Operation, OperationScope, Seen } from './operations.ts';
import { groupOperations, operationKey } from './operations.ts';

/** Volumes and Leases that the user may not list are left out, and the operations say so. @throws ClusterError */
export async function readOperations(cluster: Cluster, scope: OperationScope): Promise<Operation[]> {
  const scopes = scopesOf(scope);
  const [records, kept, held] = await Promise.all([
    cluster.list(configMaps, scopes.records),
    ifAllowed(cluster.list(volumes, scopes.volumes)),
    ifAllowed(cluster.list(leases, scopes.leases)),
  ]);
  return groupOperations({ records, volumes: kept, leases: held }, scope);
}

export interface OperationChange {
  /** MODIFIED is said of all that are still there: whoever shows them knows what of it shows. */
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: Operation;
}

/**
 * Yields all operations whenever something of one has changed, or a Lease has run out: there are few of them.
 * @param known what was read before, in the same scope
 * @throws the signal's reason when it is aborted; ClusterError when a watch can't go on
 */
export async function* watchOperations(
  cluster: Cluster,
  scope: OperationScope,
  known: readonly Operation[],
  signal: AbortSignal,
): AsyncGenerator<OperationChange> {
  const watches = await openWatches(cluster, scope);
  let before = new Map(known.map((operation) => [operationKey(operation), operation]));
  try {
    for (;;) {
      watches.isChanged = false;
      const now = new Map(groupOperations(seenBy(watches), scope).map((one) => [operationKey(one), one]));
      for (const [key, object] of before) if (!now.has(key)) yield { type: 'DELETED', object };
      for (const [key, object] of now) yield { type: before.has(key) ? 'MODIFIED' : 'ADDED', object };
      before = now;
      await untilChanged(watches, [...now.values()], signal);
    }
  } finally {
    for (const watch of watches.all) watch.close();
  }
}

interface Watches {
  all: Watch<KubeObject>[];
  records: () => Seen['records'];
  volumes: () => Seen['volumes'];
  leases: () => Seen['leases'];
  isChanged: boolean;
}

async function openWatches(cluster: Cluster, scope: OperationScope): Promise<Watches> {
  const scopes = scopesOf(scope);
  const all: Watch<KubeObject>[] = [];
  const open = async <T extends KubeObject>(resource: Resource<T>, of: OperationScope): Promise<() => T[]> => {
    const onChange = (): void => {
      watches.isChanged = true;
    };
    const watch = await openWatch(cluster, resource, of, { onChange });
    all.push(watch);
    return () => [...watch.objects.values()];
  };
  const watches: Watches = {
    all,
    records: () => [],
    volumes: () => undefined,
    leases: () => undefined,
    isChanged: false,
  };
  try {
    watches.records = await open(configMaps, scopes.records);
    watches.volumes = (await ifAllowed(open(volumes, scopes.volumes))) ?? watches.volumes;
    watches.leases = (await ifAllowed(open(leases, scopes.leases))) ?? watches.leases;
    return watches;
  } catch (error) {
    for (const watch of all) watch.close();
    throw error;
  }
}

function seenBy({ records, volumes: kept, leases: held }: Watches): Seen {
  return { records: records(), volumes: kept(), leases: held() };
}

/** Nothing tells of a holder that has died but the time. */
async function untilChanged(watches: Watches, all: readonly Operation[], signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const remaining = all.map(({ holder }) => (holder?.expiresAtMs ?? 0) - Date.now()).filter((ms) => ms > 0);
  const waits = [
    ...watches.all.map((watch) => watch.until(() => watches.isChanged || undefined, either)),
    ...(remaining.length > 0 ? [pauseFor(Math.min(...remaining) + 1, either)] : []),
  ];
  try {
    await Promise.race(waits);
  } finally {
    over.abort();
    await Promise.allSettled(waits);
  }
}

async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => {
    signal.throwIfAborted();
  });
}

function scopesOf({ namespace, labelSelector }: OperationScope): {
  records: OperationScope;
  volumes: OperationScope;
  leases: OperationScope & { fieldSelector: string };
} {
  const selectors = [operationMark, labelSelector].filter((selector) => selector !== undefined);
  return {
    records: { namespace, labelSelector: selectors.join(',') },
    volumes: { labelSelector: operationMark },
    leases: { namespace, fieldSelector: 'metadata.name=pvsnap' },
  };
}
