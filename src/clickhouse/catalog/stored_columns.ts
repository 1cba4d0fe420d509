/** Statements about columns that parts have no values of, as they were added later. */
import type { PartsLacking } from "../../model/partition.ts";
import type { TableId } from "../../model/table.ts";
import { sql } from "../sql/layout.ts";
import { literal } from "../sql/quoting.ts";
import { mayCall } from "../foreign/functions.ts";
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

export function decodeLacking({ partition_id, lacking, parts }: LackingRow): PartsLacking {
  return { partitionId: partition_id, lacking, parts: BigInt(parts) };
}

/**
 * Functions that the server does not call deterministic, in small letters. The column that tells was named
 * `is_deterministic` until 24.6; from then to 26.3 there is none, and all of them are answered.
 */
export const UNSTEADY_FUNCTIONS = sql`
  SELECT DISTINCT lower(name) AS function
  FROM system.functions
  WHERE NOT is_aggregate
    AND NOT arrayExists(_chsync_steady -> ifNull(_chsync_steady, 0) = 1, [COLUMNS('^(is_)?deterministic$')])
`;

/** A function that is steady whoever is asked: a server that does not call it so calls none so. */
const SURELY_STEADY = "plus";

/** @param answered the functions that `UNSTEADY_FUNCTIONS` found; those known to be steady are left out if it found all */
export function unsteadyNames(answered: readonly string[]): Set<string> {
  const tells = !answered.includes(SURELY_STEADY);
  return new Set(tells ? answered : answered.filter((name) => !mayCall(name, "steady")));
}
