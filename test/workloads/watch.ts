/** A watch whose events the test makes. */
import type { KubeObject } from '../../src/cluster/objects.ts';
import type { Watch } from '../../src/cluster/watch.ts';
import { WatchState } from '../../src/cluster/watch-state.ts';

export interface HandWatch<T extends KubeObject> extends Watch<T> {
  /** What exists from now on. */
  show(...objects: T[]): void;
}

export function handWatch<T extends KubeObject>(...objects: T[]): HandWatch<T> {
  const state = new WatchState<T>();
  const show = (...now: T[]): void => {
    state.replaceAll(now, '1');
  };
  show(...objects);
  return {
    objects: state.objects,
    until: (check, signal) => state.until(check, signal),
    close: () => undefined,
    show,
  };
}

/** Whether a wait has come to its end, once everything that was ready to run has run. */
export async function isOver(wait: Promise<void>): Promise<boolean> {
  const pending = Symbol('pending');
  const next = new Promise<typeof pending>((resolve) => setImmediate(resolve, pending));
  return (await Promise.race([wait, next])) !== pending;
}
