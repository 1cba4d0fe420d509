/** What is asked of a server besides its tables. */
import type { ServerLoad } from "../../model/site.ts";
import { type SiteObject, tableName } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { isDenied, SiteError } from "../http/errors.ts";
import { sql } from "../sql/layout.ts";
import { SERVER_DATABASES } from "./catalog_statement.ts";
import { OTHER_OBJECTS, OTHER_OBJECTS_BY_KIND } from "./other_objects.ts";

/** All kinds at once, or each that the user may see. */
export async function otherObjects(connection: Connection): Promise<SiteObject[]> {
  try {
    return await connection.rows<SiteObject>(OTHER_OBJECTS);
  } catch (error) {
    if (!isDenied(error)) throw error;
  }
  const found = OTHER_OBJECTS_BY_KIND.map((statement) =>
    connection.rows<SiteObject>(statement).catch((error) => {
      if (isDenied(error)) return [];
      throw error;
    })
  );
  return (await Promise.all(found)).flat();
}

/** ClickHouse's number of an error in the syntax: a server that does not know the statement, or this right. */
const SYNTAX_ERROR = 62;

export async function hasGrant(connection: Connection, right: string): Promise<boolean | null> {
  try {
    return (await connection.text(`CHECK GRANT ${right}`)).trim() === "1";
  } catch (error) {
    if (error instanceof SiteError && error.code === SYNTAX_ERROR) return null;
    throw error;
  }
}

export async function arrivalLags(connection: Connection): Promise<Map<string, number> | null> {
  try {
    const rows = await connection.rows<{ database: string; table: string; lag: number }>(ARRIVAL_LAGS);
    return new Map(
      rows.map(({ database, table, lag }) => [tableName({ database, name: table }), Number(lag)]),
    );
  } catch (error) {
    if (isDenied(error)) return null;
    throw error;
  }
}

/** Parts as they were inserted, of tables whose partitions know the times of their rows. */
export const ARRIVAL_LAGS = sql`
  SELECT database, table, max(toInt64(modification_time) - toInt64(min_time)) AS lag
  FROM system.parts
  WHERE level = 0
    AND min_time > toDateTime(0)
    AND modification_time > now() - INTERVAL 7 DAY
    AND database NOT IN ${SERVER_DATABASES}
  GROUP BY database, table
  ORDER BY database, table
`;

/** What the server has to do now; null: the user may not know. */
export async function serverLoad(connection: Connection): Promise<ServerLoad | null> {
  try {
    const rows = await connection.rows<{ metric: string; value: string }>(
      "SELECT metric, value FROM system.metrics WHERE metric IN ('Query', 'DelayedInserts')",
    );
    const value = (name: string) => Number(rows.find(({ metric }) => metric === name)?.value ?? 0);
    return { statements: value("Query"), delayedInserts: value("DelayedInserts") };
  } catch (error) {
    if (isDenied(error)) return null;
    throw error;
  }
}
