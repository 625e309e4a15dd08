/** Keeps what one measurement leaves behind from slowing the next. */
import type { Bench } from './bench.ts';

/** A sidecar's budget of 10 calls is full again after 2 s at 5 calls a second, its default limits. */
const QUIET_MS = 3000;
const LIMIT_MS = 15 * 60_000;
const kinds = ['VolumeSnapshot', 'VolumeSnapshotContent', 'PersistentVolumeClaim', 'PersistentVolume', 'Pod', 'Event'];

/** Waits until nothing has changed on storage or pods for as long as the controllers need to be fresh again. */
export async function untilQuiet({ api, signal }: Pick<Bench, 'api' | 'signal'>): Promise<void> {
  const quiet = new AbortController();
  const timer = setTimeout(() => {
    quiet.abort();
  }, QUIET_MS);
  const restart = (): boolean => {
    timer.refresh();
    return false;
  };
  const end = AbortSignal.any([signal, quiet.signal, AbortSignal.timeout(LIMIT_MS)]);
  try {
    await Promise.all(kinds.map((kind) => api.watchUntil({ kind, fields: {} }, restart, end)));
  } catch (error) {
    signal.throwIfAborted();
    if (!quiet.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    quiet.abort();
  }
}
