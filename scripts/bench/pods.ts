import type { V1Pod } from '@kubernetes/client-node';
import type { Bench } from './bench.ts';

/** Longer than any command: for pods that don't come back. */
const DEADLINE_MS = 60 * 60_000;

/**
 * How long not all pods of a namespace served, seen from outside while work is done: from the moment when the first of
 * them is asked to end, gone or not ready, until as many are ready again.
 * @param count how many there are, all ready
 * @throws what the work throws, or the signal's reason
 */
export async function measureDown<T>(
  { api, signal }: Pick<Bench, 'api' | 'signal'>,
  namespace: string,
  count: number,
  work: () => Promise<T>,
): Promise<{ downMs: number; result: T }> {
  const given = new AbortController();
  const end = AbortSignal.any([signal, given.signal, AbortSignal.timeout(DEADLINE_MS)]);
  const pods = followPods(count);
  const watch = api.watchUntil<V1Pod>({ kind: 'Pod', namespace, fields: {} }, pods.see, end);
  // The watch may also end before the pods were seen.
  await Promise.race([pods.allSeen, watch]);
  try {
    const [result] = await Promise.all([work(), watch]);
    return { downMs: pods.downMs(), result };
  } catch (error) {
    given.abort(error);
    throw error;
  }
}

interface Follower {
  /** Takes a change. @returns whether all are ready again */
  see: (pod: V1Pod, isDeleted: boolean) => boolean;
  /** Resolves when all have been seen ready: what changes from now on is the work's doing. */
  allSeen: Promise<void>;
  downMs: () => number;
}

function followPods(count: number): Follower {
  const ready = new Set<string>();
  const seen = Promise.withResolvers<undefined>();
  let wereReady = false;
  let downAtMs: number | undefined;
  let backAtMs = NaN;
  return {
    see: (pod, isDeleted) => {
      const uid = pod.metadata?.uid ?? '';
      if (!isDeleted && isServing(pod)) ready.add(uid);
      else ready.delete(uid);
      const areReady = ready.size === count;
      if (areReady && !wereReady) seen.resolve(undefined);
      if (wereReady && !areReady) downAtMs ??= performance.now();
      wereReady ||= areReady;
      if (!areReady || downAtMs === undefined) return false;
      backAtMs = performance.now();
      return true;
    },
    allSeen: seen.promise,
    downMs: () => backAtMs - (downAtMs ?? NaN),
  };
}

function isServing({ metadata, status }: V1Pod): boolean {
  const isReady = status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  return isReady === true && metadata?.deletionTimestamp === undefined;
}
