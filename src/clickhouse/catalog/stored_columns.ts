/** Statements about columns that parts have no values of, as they were added later. */
import type { TableId } from "../../model/table.ts";
import { literal } from "../sql/quoting.ts";

/** Parts, by partition, that lack some of these columns. Patch parts hold only what an UPDATE changed. */
export function partsLacking({ database, name }: TableId, columns: readonly string[]): string {
  const list = columns.map(literal).join(", ");
  return `SELECT partition_id, lacking, toString(count()) AS parts FROM (` +
    `SELECT partition_id, arrayFilter(_chsync_c -> NOT has(groupArray(column), _chsync_c), [${list}]) AS lacking ` +
    `FROM system.parts_columns WHERE active AND database = ${literal(database)} AND table = ${
      literal(name)
    } ` +
    `AND rows > 0 AND NOT startsWith(partition_id, 'patch-') GROUP BY partition_id, name) ` +
    `WHERE notEmpty(lacking) GROUP BY partition_id, lacking`;
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
export const UNSTEADY_FUNCTIONS =
  "SELECT DISTINCT lower(name) AS function FROM system.functions WHERE NOT is_aggregate AND NOT arrayExists(" +
  "_chsync_x -> ifNull(_chsync_x, 0) = 1, [COLUMNS('^(is_)?deterministic$')])";
