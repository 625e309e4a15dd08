/** A quota counts a claim that was deleted for a moment longer: until its controller has looked again. */
import { setTimeout as pause } from 'node:timers/promises';
import { ClusterError } from '../../errors.ts';

const pauseMs = 500;
/** Twice the resync that follows when a kind of object comes or goes (pkg/controller/resourcequota). */
const longestMs = 60_000;

/**
 * Creates once more while a quota refuses it: with the workload down and the claim deleted, the way on is the best one.
 * @param onRefused hears the server's words; untrusted
 * @throws the signal's reason; what is no matter of quotas; after a minute, what the quota says
 */
export async function onceQuotaAllows<T>(
  create: () => Promise<T>,
  onRefused: (words: string) => void,
  signal: AbortSignal,
): Promise<T> {
  const end = performance.now() + longestMs;
  for (;;) {
    try {
      return await create();
    } catch (error) {
      if (!isOfQuota(error) || performance.now() > end) throw error;
      onRefused(error.message);
    }
    await pause(pauseMs, undefined, { signal }).catch(() => {
      signal.throwIfAborted();
    });
  }
}

function isOfQuota(error: unknown): error is ClusterError {
  return error instanceof ClusterError && error.status === 403 && error.message.includes('exceeded quota');
}
