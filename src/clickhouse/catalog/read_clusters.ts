/** Asks a server which clusters its configuration knows. */
import type { ClusterNode } from "../../model/replica_pick.ts";
import type { MayNotLook } from "../../model/replication.ts";
import type { Connection } from "../http/connection.ts";
import { decoded, text, wholeNumber } from "../http/decode.ts";
import { isDenied } from "../http/errors.ts";
import { errorText } from "../../text/error_text.ts";
import { sql } from "../sql/layout.ts";

const CLUSTERS = sql`
  SELECT cluster, toUInt64(shard_num) AS shard, host_name AS host, host_address AS address, toUInt64(port) AS port,
    toUInt64(is_local) AS own
  FROM system.clusters
  ORDER BY cluster, shard_num, replica_num
`;

interface ClusterRow {
  readonly cluster: string;
  readonly shard: string;
  readonly host: string;
  readonly address: string;
  readonly port: string;
  readonly own: string;
}

/** The servers of each cluster, in the order in which `clusterAllReplicas()` counts them. @throws {SiteError} */
export async function readNodes(connection: Connection): Promise<ClusterNode[]> {
  const rows = await connection.rows<ClusterRow>(CLUSTERS);
  return decoded(connection.site, () =>
    rows.map((row) => ({
      cluster: text(row.cluster),
      shard: wholeNumber(row.shard),
      host: text(row.host),
      address: text(row.address),
      port: wholeNumber(row.port),
      own: wholeNumber(row.own) > 0,
    })));
}

/** @param nodes what `readNodes` answers */
export async function unlessDenied(nodes: Promise<ClusterNode[]>): Promise<ClusterNode[] | MayNotLook> {
  try {
    return await nodes;
  } catch (error) {
    if (isDenied(error)) return { denied: errorText(error) };
    throw error;
  }
}
