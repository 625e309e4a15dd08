/** Undoes an operation that was interrupted before it had touched anything of today's. */
import type { Cluster } from '../../cluster/cluster.ts';
import { RefusedError } from '../../errors.ts';
import type { Plan } from '../plan.ts';
import { findRecord, removeRecord } from '../records.ts';
import { isUntouched } from '../untouched.ts';
import { guarded } from './guarded.ts';
import { acquireLock } from './lock.ts';
import { unstage } from './unstage.ts';

interface Options {
  cancelled: AbortSignal;
  onWait: (detail: string) => void;
}

/**
 * @returns volumes that stay behind, because their class keeps volumes and the user may not change that
 * @throws RefusedError when it has gone on meanwhile
 */
export async function takeBack(cluster: Cluster, plan: Plan, { cancelled, onWait }: Options): Promise<string[]> {
  const { operation, namespace } = plan;
  const lock = await acquireLock(cluster, { operation, namespace, after: [operation] }, cancelled, onWait);
  try {
    const recorded = await findRecord(cluster, namespace, operation);
    if (recorded !== undefined && !isUntouched(recorded)) {
      throw new RefusedError(`${operation} has gone on meanwhile; nothing was done: run it again`);
    }
    const held = guarded(cluster, lock);
    const kept = await unstage(held, plan);
    await removeRecord(held, namespace, operation);
    return kept;
  } finally {
    await lock.release();
  }
}
