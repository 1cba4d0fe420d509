/** What earlier checks staged, and whether the server still runs a statement of them. */
import type { SiteName } from "../../model/site.ts";
import type { StagingTable } from "../../model/staging.ts";
import type { Connection } from "../http/connection.ts";
import { decodeStaging, listRunning, listStaging, type StagingRow } from "./leftover_statements.ts";

/** In whatever database they lie: STAGING_DATABASE may have been another one then. */
export async function findStaging(connection: Connection, role: SiteName): Promise<StagingTable[]> {
  const rows = await connection.rows<StagingRow>(listStaging(role));
  if (rows.length === 0) return [];
  const running = await connection.rows<{ query_id: string }>(listRunning(role));
  return rows.map((row) => decodeStaging(row, running.map(({ query_id }) => query_id), role));
}
