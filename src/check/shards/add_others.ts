/** Tables of other engines than MergeTree's, of several shards, as those of one site. */
import { type OtherTable, type TableId, tableName } from "../../model/table.ts";

/**
 * All of a name as one that feeds and fills what any of them does. Of a Distributed table that is not alike on all shards it is not known
 * over which cluster it spreads its rows: any may be it.
 *
 * @param shards the tables of each
 */
export function addOthers(
  shards: readonly ReadonlyMap<string, OtherTable>[],
): Map<string, OtherTable> {
  const byName = Map.groupBy(shards.flatMap((shard) => [...shard]), ([name]) => name);
  return new Map([...byName].map(([name, found]) => {
    const all = found.map(([, table]) => table);
    const one = all.find(({ engine }) => engine === "Distributed") ?? all[0]!;
    return [name, {
      ...one,
      feeds: union(all.flatMap(({ feeds }) => feeds)),
      writesTo: union(all.flatMap(({ writesTo }) => writesTo)),
      keepsFor: all.reduce<number | null>(
        (most, { keepsFor }) => keepsFor === null ? most : Math.max(most ?? 0, keepsFor),
        null,
      ),
      cluster: all.every(({ cluster }) => cluster === one.cluster) ? one.cluster : null,
    }];
  }));
}

/** Each of them once. */
export function union(ids: readonly TableId[]): TableId[] {
  return [...new Map(ids.map((id) => [tableName(id), id])).values()];
}
