/** Tables that cannot be compared yet where a site has several shards. */
import type { MergeRule } from "../../model/merge_rule.ts";
import { type Finding, finding } from "../../model/report.ts";
import type { SiteReplicas } from "../../model/replica_pick.ts";
import { tableName, type TablePair } from "../../model/table.ts";
import type { Side } from "../replicas/believe.ts";
import type { Doubts } from "../replicas/looked.ts";
import type { Discovery } from "../tables/discovery.ts";
import { SITE_OF } from "./site_words.ts";

/** Shards of both sites, as they were picked; none: the site has one. */
export type ShardsOfSites = Readonly<Record<Side, readonly SiteReplicas[]>>;

/** Adds to the doubts why tables are not compared, if a site has several shards.
 *
 * @param stagingDatabase null: rows are staged beside the table that they are for */
export function refuseOverShards(
  doubts: Doubts,
  { pairs, derived, fedThere, unequal, withViews }: Pick<
    Discovery,
    "pairs" | "derived" | "fedThere" | "unequal" | "withViews"
  >,
  shards: ShardsOfSites,
  stagingDatabase: string | null,
): Doubts {
  const tables = new Map<string, Finding>(doubts.tables);
  for (const pair of pairs) {
    const [here, there] = [tableName(pair.here.id), tableName(pair.there.id)];
    const why = innerTable(pair) ?? unequal.there.get(there) ?? unequal.here.get(here) ??
      oneTable(there, shards.active, "active") ?? oneTable(here, shards.here, "here") ??
      notYet(
        pair,
        !pair.pastViews && (derived.has(pair.name) || fedThere.has(pair.name)),
        withViews?.get(pair.name),
      ) ??
      (shards.here.length > 0 ? notPlaced(pair, stagingDatabase) : null);
    if (why !== null) tables.set(pair.name, finding(pair.name, null, "over_shards", why));
  }
  return { tables, others: doubts.others };
}

/** Why two shards are none: they hold replicas of one table, whose rows would count twice. */
function oneTable(name: string, shards: readonly SiteReplicas[], side: Side): string | null {
  for (const [at, shard] of shards.entries()) {
    const mine = shard.replicas.get(name);
    if (!mine) continue;
    for (const [before, other] of shards.slice(0, at).entries()) {
      const theirs = other.replicas.get(name);
      if (theirs?.path !== mine.path) continue;
      const known = mine.all?.includes(theirs.name) || theirs.all?.includes(mine.name);
      if (!known) continue;
      return `shards ${before + 1} and ${at + 1} of ${
        SITE_OF[side].variable
      } hold replicas of one table (${mine.path}: ${theirs.name} and ` +
        `${mine.name}), whose rows would count twice: put | between replicas, and a comma between shards`;
    }
  }
  return null;
}

/** What a view keeps its rows in is named after its UUID, which each server made up. */
function innerTable({ here, there }: TablePair): string | null {
  return [here, there].some(({ id: { name } }) => /^\.inner(_id)?\./.test(name))
    ? "it holds the rows of a view, which has another name on each shard, so it is not compared over several shards yet. Exclude the " +
      "view, or give it a table of its own (TO)"
    : null;
}

/** `remote()` cuts a database's name at its first dot, and rows are put into staging tables on their shards by it. */
function notPlaced({ here }: TablePair, stagingDatabase: string | null): string | null {
  if (!(stagingDatabase ?? here.id.database).includes(".")) return null;
  const whose = stagingDatabase === null ? "its database" : "STAGING_DATABASE";
  return `${whose} has a dot in its name, and no statement of ClickHouse puts rows into it on several shards: let STAGING_DATABASE ` +
    "name one without a dot (docs/clusters.md), or exclude the table";
}

/** Engines that merge rows by key, and are compared as long as all rows of a key stand on one shard of their site. */
const COMPARED: ReadonlySet<MergeRule["kind"]> = new Set(["replace", "collapse"]);

function notYet({ here, there, groups, pastViews }: TablePair, derived: boolean, why = ""): string | null {
  const merges = here.traits.mergesRows || there.traits.mergesRows;
  const because = merges && ![here, there].every(({ mergeRule: { kind } }) => COMPARED.has(kind))
    ? `${here.engine} puts rows of a key together, and rows of one key may lie on several shards`
    : here.feeds.length + there.feeds.length > 0 && !pastViews
    ? `views are fed by it${why && `, and ${why}`}`
    : derived
    ? `views fill it${why && `, and ${why}`}`
    : groups.length > 0
    ? "a TTL groups its rows, on each shard by itself"
    : null;
  if (because === null) return null;
  return `over several shards such a table is not compared yet: ${because}. Give each shard a ch-sync of its own if both sites ` +
    "spread rows alike, or exclude it";
}
