/** The statement that counts rows by partition, without hashing them. */
import type { RowScope } from "../../model/scope.ts";
import type { TableId } from "../../model/table.ts";
import { qualified } from "../quoting.ts";
import { inScope } from "./rows.ts";

/** Rows in scope of each of these partitions; a partition without any is not in the answer. */
export function countStatement(id: TableId, partitionIds: readonly string[], scope: RowScope): string {
  return `SELECT _partition_id AS _chsync_partition, count() AS _chsync_rows FROM ${qualified(id)} ` +
    `WHERE ${inScope(partitionIds, scope)} GROUP BY _chsync_partition`;
}

export interface CountRow {
  readonly _chsync_partition: string;
  readonly _chsync_rows: string;
}
