import type { Cluster } from '../../cluster/cluster.ts';
import type { Lock } from './lock.ts';

/**
 * The cluster for a run that holds the Lease: every write asks first whether it still does. A laptop that slept, or a
 * process that was stopped for a while, goes on in the middle of its work, beside the one that has taken it over.
 */
export function guarded(cluster: Cluster, lock: Lock | undefined): Cluster {
  if (lock === undefined) return cluster;
  const held = async <R>(write: () => Promise<R>): Promise<R> => {
    lock.checkHeld();
    return write();
  };
  return {
    ...cluster,
    create: (...args) => held(() => cluster.create(...args)),
    patch: (...args) => held(() => cluster.patch(...args)),
    delete: (...args) => held(() => cluster.delete(...args)),
  };
}
