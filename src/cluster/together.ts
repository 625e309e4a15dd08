/**
 * Waits for all, also when one of them fails: nothing is still under way when the caller tidies up or reports.
 * @throws the first failure, in the order given
 */
export async function together<T>(works: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(works);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
