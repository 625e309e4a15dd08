/** What comes from either of two, as it comes, until both have ended. One that fails ends both. */
export async function* eitherOf<T>(...sources: AsyncGenerator<T>[]): AsyncGenerator<T> {
  const next = (source: AsyncGenerator<T>): Promise<{ source: AsyncGenerator<T>; result: IteratorResult<T> }> =>
    source.next().then((result) => ({ source, result }));
  const waiting = new Map(sources.map((source) => [source, next(source)]));
  try {
    while (waiting.size > 0) {
      const { source, result } = await Promise.race(waiting.values());
      if (result.done === true) waiting.delete(source);
      else {
        waiting.set(source, next(source));
        yield result.value;
      }
    }
  } finally {
    // What is still waited for ends with its signal; nobody looks at it any more.
    for (const [source, last] of waiting) {
      last.catch(() => undefined);
      void source.return(undefined).catch(() => undefined);
    }
  }
}
