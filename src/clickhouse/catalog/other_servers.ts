/** What is asked of all servers of a site at once, over the cluster in which the one that is read is. */
import type { Holdings, OtherServer } from "../../model/other_servers.ts";
import { type ClusterNode, nodeName } from "../../model/replica_pick.ts";
import type { DistributedQueue } from "../../model/replication.ts";
import type { TableId } from "../../model/table.ts";
import { sql } from "../sql/layout.ts";
import { literal } from "../sql/quoting.ts";
import { SERVER_DATABASES } from "./catalog_statement.ts";
import { MAY_BE_MERGE_TREE } from "./not_loaded.ts";
import { decodeReplication, OF_DISTRIBUTED, type ReplicationRow } from "./replication.ts";

/** A cluster, and its servers in the order in which `clusterAllReplicas()` counts them, from 1. */
export interface Cluster {
  readonly name: string;
  readonly servers: readonly { readonly name: string; readonly replica: boolean; readonly local: boolean }[];
}

/**
 * The one that names most servers of the site besides the one that is read; null: none does.
 *
 * @param shards whether servers of other shards matter too: rows may wait in their queues
 */
export function clusterOf(nodes: readonly ClusterNode[], shards: boolean): Cluster | null {
  const clusters = [...Map.groupBy(nodes, ({ cluster }) => cluster)].flatMap(([name, nodes]) => {
    const shared = new Set(nodes.flatMap(({ own, shard }) => own ? [shard] : []));
    const servers = new Map<string, Cluster["servers"][number]>();
    for (const { shard, own, ...address } of nodes) {
      const server = nodeName(address);
      if (!servers.has(server)) {
        servers.set(server, { name: server, replica: shared.has(shard), local: own });
      }
    }
    const others = [...servers.values()].filter(({ local, replica }) => !local && (shards || replica));
    return shared.size > 0 && others.length > 0 ? [{ name, servers: [...servers.values()], others }] : [];
  });
  return clusters.toSorted((a, b) => b.others.length - a.others.length)[0] ?? null;
}

/** Asks each server for itself: a view is read where the rows are. */
export function holdingsStatement(cluster: string): string {
  return sql`
    SELECT toUInt32(_shard_num) AS at, *
    FROM clusterAllReplicas(${literal(cluster)}, view(
      SELECT
        'table' AS kind, database, name, '' AS what, '' AS which, '' AS why, toUInt32(0) AS since, toUInt64(0) AS count,
        toUInt64(0) AS more
      FROM system.tables
      WHERE ${MAY_BE_MERGE_TREE}
        AND database NOT IN ${SERVER_DATABASES}
        AND NOT match(name, '^(_chsync_|[.]inner|[.]tmp[.]inner)')
      UNION ALL
      SELECT 'server', '', '', '', '', '', 0, 0, 0
      UNION ALL
      ${OF_DISTRIBUTED}
    ))
  `;
}

export type HoldingsRow = ReplicationRow & { readonly at: number };

/** @throws {TypeError} where a row is not of the form that it must have */
export function decodeHoldings(
  answer: readonly HoldingsRow[],
  { name: cluster, servers }: Cluster,
): OtherServer[] {
  const byServer = Map.groupBy(answer, ({ at }) => at);
  return servers.flatMap(({ name, replica, local }, index) => {
    const rows = byServer.get(index + 1);
    const holds = rows === undefined ? null : holdingsOf(rows);
    return local ? [] : [{ name, clusters: [cluster], replica, holds }];
  });
}

function holdingsOf(rows: readonly HoldingsRow[]): Holdings {
  const tables: TableId[] = rows.filter(({ kind }) => kind === "table")
    .map(({ database, name }) => ({ database, name }));
  const queues: ReadonlyMap<string, DistributedQueue> =
    decodeReplication(rows.filter(({ kind }) => kind === "queue")).queues;
  return { tables, queues };
}
