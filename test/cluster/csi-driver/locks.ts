// Keeps two calls off the same volume or snapshot while it is made or removed.

export type Locked = <T>(id: string, work: () => Promise<T>) => Promise<T>;

/** Work for the same id runs one after the other, in the order it came; for other ids side by side. */
export function openLocks(): Locked {
  const lastById = new Map<string, Promise<unknown>>();
  return async (id, work) => {
    const before = lastById.get(id) ?? Promise.resolve();
    const mine = before.then(work, work);
    lastById.set(id, mine);
    try {
      return await mine;
    } finally {
      if (lastById.get(id) === mine) lastById.delete(id);
    }
  };
}
