/**
 * Waits for all, also when one of them fails: nothing is still under way when the caller tidies up or reports.
 * @throws the first failure, in the order given
 */
export async function together<T extends readonly Promise<unknown>[] | []>(
  works: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(works);
  return Promise.all(works);
}
