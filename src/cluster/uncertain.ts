/** Writes of which nobody knows what became of them. */
import { setTimeout as pause } from 'node:timers/promises';
import { ClusterError } from '../errors.ts';
import { isConnectionLoss } from './status.ts';

const tries = 5;

/** No answer, or a server that failed in the middle (etcd changed its leader): it may have been done, or not. */
export function isUncertain(error: unknown): boolean {
  return isConnectionLoss(error) || (error instanceof ClusterError && error.status >= 500);
}

/** The same, and what ran into --request-timeout: it is not sent again, since that is the user's limit. */
export function mayBeDone(error: unknown): boolean {
  return error instanceof ClusterError && (error.status === 0 || error.status >= 500);
}

/**
 * Does again what may be done twice, such as a patch that says the same each time, until its answer is known.
 * @param signal ends the pauses between tries
 * @throws what the last try threw, or an AbortError
 */
export async function untilCertain<R>(work: () => Promise<R>, signal?: AbortSignal): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isUncertain(error) || attempt === tries) throw error;
    }
    await pause(100 * 2 ** attempt, undefined, signal === undefined ? {} : { signal });
  }
}
