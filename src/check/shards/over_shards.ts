/** Tables of a site of several shards that cannot be compared as a whole yet. */
import { type Finding, finding } from "../../model/report.ts";
import type { SiteReplicas } from "../../model/replica_pick.ts";
import { tableName, type TablePair } from "../../model/table.ts";
import type { Doubts } from "../replicas/looked.ts";
import type { Discovery } from "../tables/discovery.ts";

/** Adds to the doubts why tables are not compared, if the other site has several shards.
 *
 * @param shards as they were picked
 * @param more about no table of this site */
export function refuseOverShards(
  doubts: Doubts,
  { pairs, derived, fedThere, unequal }: Pick<Discovery, "pairs" | "derived" | "fedThere" | "unequal">,
  shards: readonly SiteReplicas[],
  more: readonly Finding[],
): Doubts {
  const tables = new Map<string, Finding>(doubts.tables);
  for (const pair of pairs) {
    const name = tableName(pair.there.id);
    const why = unequal.get(name) ?? oneTable(name, shards) ??
      notYet(pair, derived.has(pair.name) || fedThere.has(pair.name));
    if (why !== null) tables.set(pair.name, finding(pair.name, null, "over_shards", why));
  }
  return { tables, others: [...doubts.others, ...more] };
}

/** Why two shards are none: they hold replicas of one table, whose rows would count twice. */
function oneTable(name: string, shards: readonly SiteReplicas[]): string | null {
  for (const [at, shard] of shards.entries()) {
    const mine = shard.replicas.get(name);
    if (!mine) continue;
    for (const [before, other] of shards.slice(0, at).entries()) {
      const theirs = other.replicas.get(name);
      if (theirs?.path !== mine.path) continue;
      const known = mine.all?.includes(theirs.name) || theirs.all?.includes(mine.name);
      if (!known) continue;
      return `shards ${before + 1} and ${
        at + 1
      } of REMOTE_CH_URL hold replicas of one table (${mine.path}: ${theirs.name} and ` +
        `${mine.name}), whose rows would count twice: put | between replicas, and a comma between shards`;
    }
  }
  return null;
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
