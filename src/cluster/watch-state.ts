import type { KubeObject } from './objects.ts';

/** What a watch has seen so far, and who waits for what. */
export class WatchState<T extends KubeObject> {
  readonly objects = new Map<string, T>();
  /** The resourceVersion to watch on from; undefined when the server has forgotten it. */
  version: string | undefined;
  readonly #waiters = new Set<() => void>();
  #failure: { error: unknown } | undefined;

  replaceAll(items: readonly T[], version: string): void {
    this.objects.clear();
    for (const item of items) this.objects.set(item.metadata.name, item);
    this.version = version;
    this.#wake();
  }

  apply(isDeletion: boolean, object: T): void {
    if (isDeletion) this.objects.delete(object.metadata.name);
    else this.objects.set(object.metadata.name, object);
    this.version = object.metadata.resourceVersion;
    this.#wake();
  }

  /** The watch has ended for good: every wait, now and later, ends with this error. */
  fail(error: unknown): void {
    this.#failure = { error };
    this.#wake();
  }

  until<R>(check: (objects: ReadonlyMap<string, T>) => R | undefined, signal: AbortSignal): Promise<R> {
    const { promise, resolve, reject } = Promise.withResolvers<R>();
    const look = (): void => {
      try {
        signal.throwIfAborted();
        if (this.#failure !== undefined) throw this.#failure.error;
        const found = check(this.objects);
        if (found !== undefined) resolve(found);
      } catch (error) {
        reject(error);
      }
    };
    this.#waiters.add(look);
    signal.addEventListener('abort', look);
    look();
    return promise.finally(() => {
      this.#waiters.delete(look);
      signal.removeEventListener('abort', look);
    });
  }

  #wake(): void {
    for (const look of [...this.#waiters]) look();
  }
}
