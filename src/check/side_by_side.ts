/** Doing the same to many things, several at a time. */

/**
 * The results in the order of the items. One worker goes through them; others join it as long as they may.
 *
 * @param workers at most at a time
 * @param mayJoin asked before each item that is not the first worker's: false ends that worker
 * @throws what `work` throws, once the items that were begun are done
 */
export async function sideBySide<Item, Result>(
  items: readonly Item[],
  workers: number,
  mayJoin: () => Promise<boolean>,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async (first: boolean): Promise<void> => {
    while (next < items.length && (first || await mayJoin()) && next < items.length) {
      const at = next++;
      results[at] = await work(items[at]!);
    }
  };
  const joined = Array.from({ length: Math.min(workers, items.length) }, (_, index) => worker(index === 0));
  for (const result of await Promise.allSettled(joined)) {
    if (result.status === "rejected") throw result.reason;
  }
  return results;
}
