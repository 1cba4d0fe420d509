/** The shards of a site by its own configuration, held against those of the settings. */
import { type ClusterNode, nodeName, nodesIn } from "../../model/replica_pick.ts";
import type { MayNotLook } from "../../model/replication.ts";
import { type Finding, finding } from "../../model/report.ts";
import type { Settings } from "../../model/settings.ts";
import type { Side } from "../replicas/believe.ts";
import { isExcluded } from "../tables/select_tables.ts";
import { SITE_OF } from "./site_words.ts";

/** As a table is named, so that CH_EXCLUDE_PATTERNS may leave a cluster out that is another one. */
export const clusterName = (cluster: string) => `cluster.${cluster}`;

type Named = Pick<Settings, "shards" | "excludePatterns">;

/** What each of the shards has in `system.clusters`, in the order of the settings. */
type Seen = readonly (readonly ClusterNode[] | MayNotLook)[];

/**
 * Rows on a shard that is not named are not seen: those of the active site do not seem to be missing.
 *
 * @param seen each shard knows itself there, whatever the settings call it
 */
export function unnamedShards(seen: Seen, named: Named): Finding[] {
  const hidden = whyHidden(seen, named, "active");
  if (hidden !== null) {
    const detail = `${hidden}: rows on others would not be seen. ${remedy("active")}`;
    return [finding(ANY_CLUSTER, null, "over_shards", detail)];
  }
  return [...unnamed(seen.flatMap(nodesIn), named)].map(([cluster, names]) => moreThere(cluster, names));
}

/** Rows on such a shard of this site would seem to be missing, and be copied; null: there is none. @param named the shards here */
export function unnamedHere(seen: Seen, named: Named): string | null {
  const hidden = whyHidden(seen, named, "here");
  if (hidden !== null) {
    return `${hidden}: rows on others would be taken for missing ones, and copied. ${remedy("here")}`;
  }
  for (const [cluster, names] of unnamed(seen.flatMap(nodesIn), named)) return moreHere(cluster, names);
  return null;
}

/**
 * A warning that no cluster shows two of the shards which the settings name, so that it does not show either whether there are
 * more; null: one does, or who may not look is told of anyway.
 */
export function unshown(seen: Seen, { shards, excludePatterns }: Named, side: Side): string | null {
  if (seen.some((shard) => "denied" in shard) || isExcluded(ANY_CLUSTER, excludePatterns)) return null;
  const isNamed = namedBy(shards);
  for (const all of Map.groupBy(seen.flatMap(nodesIn), ({ cluster }) => cluster).values()) {
    const known = all.filter(isNamed);
    const shown = new Set(known.map(({ shard }) => shard));
    // ClickHouse's own clusters have one server as two shards.
    if (shown.size > 1 && new Set(known.map(nodeName)).size > 1) return null;
  }
  const { name, variable } = SITE_OF[side];
  return `No cluster in system.clusters of ${name} shows two of the shards that ${variable} names, so it cannot be told whether ` +
    `it has others: name the shards as a cluster of its configuration does; ${OR_ALL_ARE_NAMED}`;
}

/** @param besides what else may be the case, in words */
export function moreThere(cluster: string, names: string, besides = ""): Finding {
  const detail =
    `cluster ${cluster} of the active site has more shards than REMOTE_CH_URL names (${names}), and rows on them ` +
    `are not seen: name them, ${orLeaveOut(cluster, besides)}`;
  return finding(clusterName(cluster), null, "over_shards", detail);
}

export function moreHere(cluster: string, names: string, besides = ""): string {
  return `cluster ${cluster} of this site has more shards than LOCAL_CH_URL names (${names}): rows on them would be taken for ` +
    `missing ones, and copied. Name them, ${orLeaveOut(cluster, besides)}`;
}

/** @param besides as for `moreThere` */
function orLeaveOut(cluster: string, besides = ""): string {
  return `or, if that is another cluster${besides}, add ${clusterName(cluster)} to CH_EXCLUDE_PATTERNS`;
}

/** Of a site whose shards nobody can know, an operator takes it upon himself that all are named. */
export const ANY_CLUSTER = clusterName("*");

const OR_ALL_ARE_NAMED = `or, if all are named, add ${ANY_CLUSTER} to CH_EXCLUDE_PATTERNS`;

/** What excuses a cluster that may not be read excuses none that can. */
export function isLeftOut(cluster: string, patterns: readonly string[]): boolean {
  return isExcluded(clusterName(cluster), patterns.filter((pattern) => pattern !== ANY_CLUSTER));
}

/** Why nobody can tell whether all shards are named; null: it can be told, or does not matter. */
function whyHidden(seen: Seen, { excludePatterns }: Named, side: Side): string | null {
  const at = seen.findIndex((shard) => "denied" in shard);
  if (at < 0 || isExcluded(ANY_CLUSTER, excludePatterns)) return null;
  const { name, variable } = SITE_OF[side];
  return `ch-sync's user may not read system.clusters at shard ${
    at + 1
  } of ${name}, so it cannot be told whether ` +
    `${variable} names all shards`;
}

function remedy(side: Side): string {
  return `Grant SELECT ON system.clusters to ${SITE_OF[side].user} at each shard; ${OR_ALL_ARE_NAMED}`;
}

/** Whether the settings name a server: each knows itself, whatever they call it. */
function namedBy(shards: Named["shards"]): (node: ClusterNode) => boolean {
  const named = shards.flat().map(({ native }) => native);
  return ({ host, address, port, own }) =>
    own || named.some((one) => (one.host === host || one.host === address) && one.port === port);
}

/** By cluster, the servers of its shards that are not named. */
function unnamed(nodes: readonly ClusterNode[], { shards, excludePatterns }: Named): Map<string, string> {
  const isNamed = namedBy(shards);
  const found = new Map<string, string>();
  for (const [cluster, all] of Map.groupBy(nodes, ({ cluster }) => cluster)) {
    if (isLeftOut(cluster, excludePatterns)) continue;
    const known = new Set(all.filter(isNamed).map(({ shard }) => shard));
    const others = all.filter(({ shard }) => !known.has(shard));
    if (known.size < 2 || others.length === 0) continue;
    found.set(cluster, [...new Set(others.map(({ host, port }) => `${host}:${port}`))].join(", "));
  }
  return found;
}

/**
 * Why two shards of the settings are one of a cluster, so that their rows would count twice; null: none are.
 *
 * @param seen who may not look says nothing
 */
export function findOneShard(
  seen: Seen,
  { shards, excludePatterns }: Named,
  side: Side,
): string | null {
  const shardOf = ({ host, address, port }: ClusterNode) =>
    shards.findIndex((shard) =>
      shard.some(({ native }) => (native.host === host || native.host === address) && native.port === port)
    );
  const nodes = seen.map(nodesIn);
  for (const [cluster, all] of Map.groupBy(nodes.flat(), ({ cluster }) => cluster)) {
    if (isLeftOut(cluster, excludePatterns)) continue;
    const each = nodes.map((shard) => shard.filter((node) => node.cluster === cluster));
    for (const [number, replicas] of Map.groupBy(all, ({ shard }) => shard)) {
      const named = [...new Set([...replicas.map(shardOf), ...knowThemselves(each, number)])]
        .filter((at) => at >= 0).sort((a, b) => a - b);
      if (named.length < 2) continue;
      return `shards ${named.map((at) => at + 1).join(" and ")} of ${
        SITE_OF[side].variable
      } are replicas of shard ${number} of cluster ` +
        `${cluster}, so that their rows would count twice: put | between replicas, and a comma between shards; ` +
        orLeaveOut(cluster);
    }
  }
  return null;
}

/**
 * Shards of the settings, counted from 0, that know themselves as different replicas of one shard of a cluster, whatever the
 * settings call them. Where two servers have one name for themselves, as `localhost`, or clusters of one name name different
 * servers, each of them may be one of its own.
 */
function knowThemselves(each: readonly (readonly ClusterNode[])[], number: number): number[] {
  const known = each.flatMap((nodes, at) => {
    const own = nodes.filter((node) => node.own && node.shard === number).map(nodeName).sort().join(" ");
    const whole = nodes.map((node) => `${node.shard} ${nodeName(node)}`).sort().join(" ");
    return own === "" ? [] : [{ at, own, whole }];
  });
  return known.filter((one) => known.some(({ own, whole }) => own !== one.own && whole === one.whole))
    .map(({ at }) => at);
}
