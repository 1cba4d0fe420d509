/** The clusters over which Distributed tables of a site spread the rows of tables that are compared. */
import { type ClusterNode, nodeName } from "../../model/replica_pick.ts";
import { type Catalog, tableName } from "../../model/table.ts";
import { isExcluded } from "../tables/select_tables.ts";

/** Names of tables here, by cluster. */
export type UsedClusters = ReadonlyMap<string, ReadonlySet<string>>;

/** @param compared the names here of the tables that are compared, by their names at that site */
export function usedClusters(
  { others }: Catalog,
  compared: ReadonlyMap<string, string>,
  excludePatterns: readonly string[],
): UsedClusters {
  const used = new Map<string, Set<string>>();
  for (const [name, { cluster, writesTo: [to] }] of others) {
    const table = to && compared.get(tableName(to));
    if (cluster === null || !table || isExcluded(name, excludePatterns)) continue;
    used.set(cluster, (used.get(cluster) ?? new Set()).add(table));
  }
  return used;
}

/** A cluster over which tables are spread, as the server sees it that is read. */
export interface Spread {
  readonly cluster: string;
  /** By their names here. */
  readonly tables: ReadonlySet<string>;
  /** How many it has; null: ch-sync's user may not know. */
  readonly shards: number | null;
  /** Servers of other shards than the one that is read, in words; empty: it has none, or is another site's. */
  readonly others: string;
}

/** @param isNamed whether the settings name a server: that counts where the one that is read does not know itself */
export function spreadOver(
  cluster: string,
  tables: ReadonlySet<string>,
  nodes: readonly ClusterNode[],
  isNamed: (node: ClusterNode) => boolean,
): Spread {
  const all = nodes.filter((node) => node.cluster === cluster);
  const own = all.filter((node) => node.own);
  const known = own.length > 0 ? all.filter((node) => node.own || isLoop(node, own)) : all.filter(isNamed);
  const shards = new Set(known.map(({ shard }) => shard));
  const others = shards.size === 0 ? [] : all.filter(({ shard }) => !shards.has(shard));
  return {
    cluster,
    tables,
    shards: new Set(all.map(({ shard }) => shard)).size,
    others: [...new Set(others.map(nodeName))].join(", "),
  };
}

/** The server itself by another name, as in ClickHouse's own `test_cluster_two_shards`. */
function isLoop({ address, port }: ClusterNode, own: readonly ClusterNode[]): boolean {
  return /^127\.|^::1$/.test(address) && own.some((node) => node.port === port);
}

/**
 * Whether the other site is cut into as many shards for the same tables: then each shard has a ch-sync of its own. A table that
 * has no Distributed one there says nothing, if another one has.
 *
 * @param unseen whether it is taken for so where ch-sync's user may not know
 */
export function isCutAlike({ shards, tables }: Spread, there: readonly Spread[], unseen: boolean): boolean {
  const isAlike = (one: Spread) => one.shards === null ? unseen : one.shards === shards;
  const each = [...tables].map((table) => there.filter((one) => one.tables.has(table)))
    .filter((spreads) => spreads.length > 0);
  return each.length > 0 && each.every((spreads) => spreads.some(isAlike));
}
