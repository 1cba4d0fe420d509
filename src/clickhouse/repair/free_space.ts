/** The statement that asks how much the disks of a table can still take. */
import type { TableId } from "../../model/table.ts";
import { sql } from "../sql/layout.ts";
import { literal } from "../sql/quoting.ts";

/**
 * `disks` and `free`, in bytes less what merges and inserts have reserved and what the disk keeps free. Parts go to any
 * disk of the table's storage policy, so the disks count together.
 */
export function freeSpace({ database, name }: TableId): string {
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
