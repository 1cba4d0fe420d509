/** Tables of a site of several shards that cannot be compared as a whole yet. */
import { type Finding, finding } from "../../model/report.ts";
import { tableName, type TablePair } from "../../model/table.ts";
import type { Doubts } from "../replicas/looked.ts";
import type { Discovery } from "../tables/discovery.ts";

/** Adds to the doubts why tables are not compared, if the other site has several shards. */
export function refuseOverShards(
  doubts: Doubts,
  { pairs, derived, fedThere, unequal }: Pick<Discovery, "pairs" | "derived" | "fedThere" | "unequal">,
): Doubts {
  const tables = new Map<string, Finding>(doubts.tables);
  for (const pair of pairs) {
    const why = unequal.get(tableName(pair.there.id)) ??
      notYet(pair, derived.has(pair.name) || fedThere.has(pair.name));
    if (why !== null) tables.set(pair.name, finding(pair.name, null, "over_shards", why));
  }
  return { ...doubts, tables };
}

function notYet({ here, there, groups }: TablePair, derived: boolean): string | null {
  const because = here.traits.mergesRows || there.traits.mergesRows
    ? `${here.engine} merges rows by key, and rows of one key may lie on several shards`
    : here.feeds.length + there.feeds.length > 0
    ? "views are fed by it"
    : derived
    ? "views fill it"
    : groups.length > 0
    ? "a TTL groups its rows, on each shard by itself"
    : null;
  if (because === null) return null;
  return `over several shards such a table is not compared yet: ${because}. Give each shard a ch-sync of its own if both sites ` +
    "spread rows alike, or exclude it";
}
