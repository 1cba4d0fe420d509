/** Asking the other servers of a site, by the one that is read. */
import type { ClusterNode } from "../../model/replica_pick.ts";
import type { OtherServers, Unseen } from "../../model/other_servers.ts";
import type { Connection } from "../http/connection.ts";
import { decoded } from "../http/decode.ts";
import { isDenied, SiteError } from "../http/errors.ts";
import {
  type Cluster,
  clusterOf,
  decodeHoldings,
  type HoldingsRow,
  holdingsStatement,
} from "./other_servers.ts";

/** One that is gone holds up no check, and says nothing of the others. Milliseconds; seconds. */
const WITHIN = {
  skip_unavailable_shards: 1,
  connect_timeout_with_failover_ms: 1000,
  connect_timeout_with_failover_secure_ms: 1000,
  handshake_timeout_ms: 2000,
  receive_timeout: 5,
} as const;

/**
 * @param shards whether servers of other shards matter too
 * @param nodes what `readNodes` answers
 */
export async function readOtherServers(
  connection: Connection,
  shards: boolean,
  nodes: () => Promise<readonly ClusterNode[]>,
): Promise<OtherServers> {
  let cluster: Cluster | null = null;
  try {
    const asked = clusterOf(await nodes(), shards);
    if (asked === null) return unseen("unnamed", "system.clusters names none besides it");
    cluster = asked;
    const rows = await connection.rows<HoldingsRow>(holdingsStatement(asked.name), { inText: WITHIN });
    return { servers: decoded(connection.site, () => decodeHoldings(rows, asked)), unseen: null };
  } catch (error) {
    if (!(error instanceof SiteError)) throw error;
    return unseen(isDenied(error) ? "denied" : "failed", error.problem, cluster?.name);
  }
}

function unseen(because: Unseen["because"], why: string, cluster: string | null = null): OtherServers {
  return { servers: [], unseen: { because, cluster, why } };
}
