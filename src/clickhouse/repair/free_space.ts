/** How much the disks of a table can still take. */
import type { TableId } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { isDenied } from "../http/errors.ts";
import { sql } from "../sql/layout.ts";
import { literal } from "../sql/quoting.ts";

/** @returns bytes; null: it cannot be told @throws {SiteError} */
export async function readFreeBytes(connection: Connection, table: TableId): Promise<number | null> {
  try {
    const { disks, free } = await connection.one<{ disks: string; free: number }>(freeSpace(table));
    return Number(disks) === 0 ? null : free;
  } catch (error) {
    // An older user of ours may not see it; the server still refuses what does not fit (code 243).
    if (isDenied(error)) return null;
    throw error;
  }
}

/**
 * `disks` and `free`, in bytes less what merges and inserts have reserved and what the disk keeps free. Parts go to any
 * disk of the table's storage policy, so the disks count together.
 */
function freeSpace({ database, name }: TableId): string {
  return sql`
    SELECT count() AS disks, sum(toFloat64(unreserved_space)) AS free
    FROM system.disks
    WHERE name IN (
      SELECT arrayJoin(disks)
      FROM system.storage_policies
      WHERE policy_name IN (
        SELECT storage_policy
        FROM system.tables
        WHERE database = ${literal(database)} AND name = ${literal(name)}
      )
    )
  `;
}
