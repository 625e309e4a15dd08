import type { KubeObject } from './objects.ts';

export interface Following<T> {
  /** What the caller has read before: only what differs from it counts as a change. */
  known?: readonly T[];
  /** Called for each object that has come, changed or gone, before those who wait are asked. */
  onChange?: (before: T | undefined, after: T | undefined) => void;
}

interface WatchStateOptions<T> extends Following<T> {
  /** The name where nothing else is said. */
  keyOf?: (object: T) => string;
}

/** What a watch has seen so far, and who waits for what. */
export class WatchState<T extends KubeObject> {
  readonly objects = new Map<string, T>();
  /** The resourceVersion to watch on from; undefined when the server has forgotten it. */
  version: string | undefined;
  readonly #waiters = new Set<() => void>();
  #failure: { error: unknown } | undefined;
  readonly #keyOf: (object: T) => string;
  readonly #onChange: NonNullable<Following<T>['onChange']>;

  constructor({ known = [], onChange = () => undefined, keyOf = nameOf }: WatchStateOptions<T> = {}) {
    this.#keyOf = keyOf;
    this.#onChange = onChange;
    for (const object of known) this.objects.set(keyOf(object), object);
  }

  replaceAll(items: readonly T[], version: string): void {
    const before = new Map(this.objects);
    this.objects.clear();
    for (const item of items) {
      const key = this.#keyOf(item);
      this.objects.set(key, item);
      this.#tell(before.get(key), item);
      before.delete(key);
    }
    for (const gone of before.values()) this.#onChange(gone, undefined);
    this.version = version;
    this.#wake();
  }

  apply(isDeletion: boolean, object: T): void {
    const key = this.#keyOf(object);
    const before = this.objects.get(key);
    if (isDeletion) this.objects.delete(key);
    else this.objects.set(key, object);
    this.#tell(before, isDeletion ? undefined : object);
    this.version = object.metadata.resourceVersion;
    this.#wake();
  }

  #tell(before: T | undefined, after: T | undefined): void {
    if (before?.metadata.resourceVersion !== after?.metadata.resourceVersion) this.#onChange(before, after);
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

function nameOf({ metadata }: KubeObject): string {
  return metadata.name;
}
