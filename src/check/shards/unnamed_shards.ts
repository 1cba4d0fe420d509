/** The shards of the other site by its own configuration, held against those of the settings. */
import type { ClusterNode } from "../../model/replica_pick.ts";
import { type Finding, finding } from "../../model/report.ts";
import type { Settings } from "../../model/settings.ts";
import { isExcluded } from "../tables/select_tables.ts";

/** As a table is named, so that CH_EXCLUDE_PATTERNS may leave a cluster out that is another one. */
const nameOf = (cluster: string) => `cluster.${cluster}`;

/**
 * @param nodes as any of the shards has them in `system.clusters`, each of which knows itself there, whatever the settings
 * call it; none: ch-sync's user may not read that table
 */
export function unnamedShards(
  nodes: readonly ClusterNode[],
  { shards, excludePatterns }: Pick<Settings, "shards" | "excludePatterns">,
): Finding[] {
  const named = shards.flat().map(({ native }) => native);
  const isNamed = ({ host, address, port, own }: ClusterNode) =>
    own || named.some((one) => (one.host === host || one.host === address) && one.port === port);
  return [...Map.groupBy(nodes, ({ cluster }) => cluster)].flatMap(([cluster, all]) => {
    if (isExcluded(nameOf(cluster), excludePatterns)) return [];
    const known = new Set(all.filter(isNamed).map(({ shard }) => shard));
    const others = all.filter(({ shard }) => !known.has(shard));
    if (known.size < 2 || others.length === 0) return [];
    const names = [...new Set(others.map(({ host, port }) => `${host}:${port}`))].join(", ");
    const detail =
      `cluster ${cluster} of the active site has more shards than REMOTE_CH_URL names (${names}), and rows on them ` +
      `are not seen: name them, or, if that is another cluster, add ${
        nameOf(cluster)
      } to CH_EXCLUDE_PATTERNS`;
    return [finding(nameOf(cluster), null, "over_shards", detail)];
  });
}

/**
 * Why two shards of the settings are one of a cluster, so that their rows would count twice; null: none are.
 *
 * @param nodes as each of the shards has them, in the order of the settings
 */
export function findOneShard(
  nodes: readonly (readonly ClusterNode[])[],
  { shards, excludePatterns }: Pick<Settings, "shards" | "excludePatterns">,
): string | null {
  const shardOf = ({ host, address, port }: ClusterNode) =>
    shards.findIndex((shard) =>
      shard.some(({ native }) => (native.host === host || native.host === address) && native.port === port)
    );
  for (const [cluster, all] of Map.groupBy(nodes.flat(), ({ cluster }) => cluster)) {
    if (isExcluded(nameOf(cluster), excludePatterns)) continue;
    const each = nodes.map((shard) => shard.filter((node) => node.cluster === cluster));
    for (const [number, replicas] of Map.groupBy(all, ({ shard }) => shard)) {
      const named = [...new Set([...replicas.map(shardOf), ...knowThemselves(each, number)])]
        .filter((at) => at >= 0).sort((a, b) => a - b);
      if (named.length < 2) continue;
      return `shards ${
        named.map((at) => at + 1).join(" and ")
      } of REMOTE_CH_URL are replicas of shard ${number} of cluster ` +
        `${cluster}, so that their rows would count twice: put | between replicas, and a comma between shards; or, if that is ` +
        `another cluster, add ${nameOf(cluster)} to CH_EXCLUDE_PATTERNS`;
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
    const own = nodes.filter((node) => node.own && node.shard === number).map(spelled).sort().join(" ");
    const whole = nodes.map((node) => `${node.shard} ${spelled(node)}`).sort().join(" ");
    return own === "" ? [] : [{ at, own, whole }];
  });
  return known.filter((one) => known.some(({ own, whole }) => own !== one.own && whole === one.whole))
    .map(({ at }) => at);
}

function spelled({ host, port }: ClusterNode): string {
  return `${host}:${port}`;
}
