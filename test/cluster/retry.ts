import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 50;

/**
 * Tries again while `isPassing` says that the error will pass. For what nothing announces: a port that opens, a kind of
 * object that begins to be served.
 * @throws the error that doesn't pass, or the signal's reason
 */
export async function retry<T>(
  work: () => Promise<T>,
  isPassing: (error: unknown) => boolean,
  signal: AbortSignal,
): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!isPassing(error)) throw error;
    }
    await delay(PAUSE_MS, undefined, { signal }).catch(() => {
      signal.throwIfAborted();
    });
  }
}
