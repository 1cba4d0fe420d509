/** By how much rows come late, at a site of several shards. */

/** @param shards seconds by table, as each shard tells them; null: the user may not look there @returns the longest of each table */
export function addLags(
  shards: readonly (ReadonlyMap<string, number> | null)[],
): ReadonlyMap<string, number> | null {
  if (shards.includes(null)) return null;
  const lags = new Map<string, number>();
  for (const [name, lag] of shards.flatMap((shard) => [...shard!])) {
    lags.set(name, Math.max(lag, lags.get(name) ?? 0));
  }
  return lags;
}
