/**
 * Over several shards, a table and what views fill from it are each compared and repaired by itself, and no view is fed: that is
 * right where every row makes rows of its own, as then the rows of all shards make together what each of them makes; and where
 * rows are put together into what the active site's may be added to any number of times.
 */
import { tableName, type TablePair } from "../../model/table.ts";
import type { Discovery } from "../tables/discovery.ts";
import { allSources } from "../views/derived_tables.ts";
import { coverShape } from "../views/cover_shape.ts";
import { targetShape, type Upstream } from "../views/target_shape.ts";

/**
 * What was found, with tables that views connect as ones to themselves where all of these can be, and why the others cannot.
 *
 * @param upstream what the views of this site are
 */
export function byThemselves(discovery: Discovery, upstream: Upstream): Discovery {
  const { pairs, derived, sources, partners } = discovery;
  const named = new Map(pairs.map((pair) => [pair.name, pair]));
  const withViews = new Map<string, string>();
  const alone = new Set<string>();
  const covered = new Set<string>();
  for (const group of connected(discovery)) {
    const why = [...group].map((name) => whyNot(name, named.get(name), discovery, upstream)).find((why) =>
      why !== null
    );
    for (const name of group) {
      if (why !== undefined) withViews.set(name, why!);
      else if (isGrouped(named.get(name)!, upstream)) covered.add(name);
      else alone.add(name);
    }
  }
  return {
    ...discovery,
    pairs: pairs.map((pair) =>
      alone.has(pair.name) || covered.has(pair.name) ? { ...pair, pastViews: true } : pair
    ),
    derived: new Map([...derived].filter(([name]) => !alone.has(name))),
    partners: new Map([
      ...partners,
      ...[...alone].map((name) =>
        [name, new Set([...allSources(name, sources)].filter((one) => named.has(one)))] as const
      ),
    ]),
    withViews,
  };
}

/** Names of what views connect, directly or by way of others; also what merely hands rows on, where a view reads or fills it. */
function connected({ views, sources }: Pick<Discovery, "views" | "sources">): Set<Set<string>> {
  const groups = new Map<string, Set<string>>();
  const join = (one: string, other: string) => {
    const all = new Set([...groups.get(one) ?? [one], ...groups.get(other) ?? [other]]);
    for (const name of all) groups.set(name, all);
  };
  for (const [target, feeding] of views) for (const { source } of feeding) join(source, target);
  for (const [target, through] of sources) {
    for (const source of through) if (groups.has(source)) join(source, target);
  }
  return new Set(groups.values());
}

/** Whether views put together what they fill it with; it is compared once its sources are whole. */
function isGrouped(pair: TablePair, upstream: Upstream): boolean {
  return targetShape(pair, upstream).method === "groups";
}

/** Why a table, and with it all that views connect it with, cannot be compared and repaired by itself; null: it can. */
function whyNot(
  name: string,
  pair: TablePair | undefined,
  { views, unprovable, fedThere, unlikeViews }: Discovery,
  upstream: Upstream,
): string | null {
  if (/\.inner(_id)?\./.test(name)) return "a view keeps its rows in an inner table";
  if (!pair) return `${name}, which a view reads or fills, is not compared`;
  const { here, there } = pair;
  if (here.mergeRule.kind !== "keep" || there.mergeRule.kind !== "keep") {
    return `${here.engine} of ${name} merges rows`;
  }
  const unlike = unlikeViews.here.get(name) ?? unlikeViews.there.get(tableName(there.id));
  if (unlike !== undefined) return unlike;
  const known = new Set([...views.values()].flat().map(({ view }) => tableName(view.id)));
  const [mine, theirs] = [here, there].map(({ feeds }) => feeds.map(tableName).sort());
  if (mine!.join() !== theirs!.join()) return `other views read ${name} at the active site than here`;
  const unseen = mine!.find((view) => !known.has(view));
  if (unseen !== undefined) return `the view ${unseen} of ${name} is not fed by inserts, or not seen`;
  const drifted = unprovable.get(name);
  if (drifted) return `${name}: ${drifted.detail}`;
  if (fedThere.has(name)) return `a view fills ${name} at the active site alone`;
  if (!views.has(name)) return null;
  if (isGrouped(pair, upstream)) {
    const cover = coverShape(pair, upstream);
    return typeof cover === "string" ? cover : null;
  }
  const { doubt, settles } = targetShape(pair, upstream);
  if (doubt !== null) return doubt;
  return settles ? null : `the time of rows of ${name} is not that of the rows of which views make them`;
}
