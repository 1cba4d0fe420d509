/** Statements about columns that parts have no values of, as they were added later. */
import type { TableId } from "../../model/table.ts";
import { sql } from "../sql/layout.ts";
import { literal } from "../sql/quoting.ts";
import { ofTable } from "./parts.ts";

/** Parts, by partition, that lack some of these columns. Patch parts hold only what an UPDATE changed. */
export function partsLacking(id: TableId, columns: readonly string[]): string {
  const list = `[${columns.map(literal).join(", ")}]`;
  return sql`
    SELECT partition_id, lacking, toString(count()) AS parts
    FROM (
      SELECT partition_id, arrayFilter(_chsync_wanted -> NOT has(groupArray(column), _chsync_wanted), ${list}) AS lacking
      FROM system.parts_columns
      WHERE active AND ${ofTable(id)} AND rows > 0 AND NOT startsWith(partition_id, 'patch-')
      GROUP BY partition_id, name
    )
    WHERE notEmpty(lacking)
    GROUP BY partition_id, lacking
  `;
}

export interface LackingRow {
  readonly partition_id: string;
  readonly lacking: readonly string[];
  readonly parts: string;
}

/**
 * Functions that the server does not call deterministic, in small letters. The column that tells was named
 * `is_deterministic` once; where there is none, no function is trusted.
 */
export const UNSTEADY_FUNCTIONS = sql`
  SELECT DISTINCT lower(name) AS function
  FROM system.functions
  WHERE NOT is_aggregate
    AND NOT arrayExists(_chsync_steady -> ifNull(_chsync_steady, 0) = 1, [COLUMNS('^(is_)?deterministic$')])
`;
