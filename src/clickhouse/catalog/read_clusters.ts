/** Asks a server which clusters its configuration knows, and how it reads their names. */
import type { ClusterNode } from "../../model/replica_pick.ts";
import type { MayNotLook } from "../../model/replication.ts";
import type { Catalog } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { decoded, text, wholeNumber } from "../http/decode.ts";
import { isDenied } from "../http/errors.ts";
import { unlessRefused } from "../http/unless_refused.ts";
import { errorText } from "../../text/error_text.ts";
import { sql } from "../sql/layout.ts";
import { literal } from "../sql/quoting.ts";

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

/**
 * The clusters of Distributed tables as the server reads their names: macros are put in; null: it lacks one of them. By these names other
 * shards of the site are looked for, and it is told whose silence counts.
 */
export async function withMacros(connection: Connection, catalog: Catalog): Promise<Catalog> {
  const written = [...catalog.others.values()].flatMap(({ cluster }) =>
    cluster?.match(MACRO) ? [cluster] : []
  );
  if (written.length === 0) return catalog;
  const names = await Promise.all(
    [...new Set(written)].map(async (name) => [name, await putMacrosIn(connection, name)] as const),
  );
  const read = new Map<string | null, string | null>(names);
  const others = [...catalog.others].map(([name, other]) =>
    [name, read.has(other.cluster) ? { ...other, cluster: read.get(other.cluster)! } : other] as const
  );
  return { ...catalog, others: new Map(others) };
}

async function putMacrosIn(connection: Connection, name: string): Promise<string | null> {
  const macros = [...name.matchAll(MACRO)].map(([, macro]) => macro!);
  const values = macros.map((macro) => `getMacro(${literal(macro)})`).join(", ");
  const answer = await unlessRefused(
    connection.one<{ readonly values: readonly string[] }>(`SELECT [${values}] AS values`),
  );
  if (answer === null) return null;
  return decoded(
    connection.site,
    () => name.replace(MACRO, (_, macro: string) => text(answer.values[macros.indexOf(macro)])),
  );
}

const MACRO = /\{([^{}]+)\}/g;
