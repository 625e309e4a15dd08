/** The loop that a controller is: look at everything, do what is missing, wait for the next change. */
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, type Api, type Watched } from '../api.ts';

/** How long after a refusal (a conflict, a namespace that goes) it tries again: a real one backs off from 5 ms on. */
const RETRY_MS = 50;

/**
 * Reconciles now, and at each change of what is watched, a few milliseconds after it.
 * @param reconcile looks at the cluster as it is; an ApiError of it is tried again
 * @returns what ends it, and resolves when it does nothing any more
 * @throws (what is returned) the error that has ended it before
 */
export function control(api: Api, watched: readonly Watched[], reconcile: () => Promise<void>): () => Promise<void> {
  const ending = new AbortController();
  const { signal } = ending;
  let change = Promise.withResolvers<undefined>();
  const notice = (): false => {
    change.resolve(undefined);
    return false;
  };
  notice();
  const aborted = new Promise((resolve) => {
    signal.addEventListener('abort', resolve);
  });
  const work = async (): Promise<void> => {
    for (;;) {
      await Promise.race([change.promise, aborted]);
      if (signal.aborted) return;
      change = Promise.withResolvers();
      try {
        await reconcile();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        await delay(RETRY_MS);
        notice();
      }
    }
  };
  const watches = watched.map(async (what) => {
    await api.watchUntil(what, notice, signal);
  });
  const ended = Promise.allSettled([work(), ...watches]);
  return async () => {
    ending.abort();
    const failures = (await ended).flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    const [failure] = failures.filter((reason) => reason !== signal.reason);
    if (failure !== undefined) throw new Error('the controller has failed', { cause: failure });
  };
}
