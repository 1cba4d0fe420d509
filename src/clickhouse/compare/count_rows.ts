/** The statements that count rows and hash none: what parts store, what a SELECT sees of them, what is in scope. */
import type { EarlyRule } from "../../model/expiry_rule.ts";
import type { StoredPart, VisiblePart } from "../../model/partition.ts";
import type { RowScope, TimeAxis } from "../../model/scope.ts";
import type { TableId } from "../../model/table.ts";
import { text } from "../http/decode.ts";
import { listed, sql } from "../sql/layout.ts";
import { identifier, literal, qualified } from "../sql/quoting.ts";
import { ofTable } from "../catalog/parts.ts";
import { inScope, ticks, unexpired } from "../sql/rows_in_scope.ts";

/** The active parts of some partitions, for the proof of visibility. */
export function storedParts(id: TableId, partitionIds: readonly string[]): string {
  return sql`
    SELECT partition_id, name, rows AS stored_rows
    FROM system.parts
    WHERE active AND ${ofTable(id)} AND partition_id IN (${partitionIds.map(literal).join(", ")})
  `;
}

export function decodeStoredPart(
  row: { partition_id: string; name: string; stored_rows: string },
): StoredPart {
  return {
    partitionId: text(row.partition_id),
    name: text(row.name),
    rows: BigInt(row.stored_rows),
  };
}

/** What a SELECT sees of each part; ClickHouse answers it from metadata where nothing is hidden. */
export function visibleParts(id: TableId, partitionIds: readonly string[], axis: TimeAxis | null): string {
  const [from, to] = ["min", "max"].map((end) =>
    axis ? `toString(${ticks(axis, `${end}(${identifier(axis.column)})`)})` : "NULL"
  ) as [string, string];
  return sql`
    SELECT
      _partition_id AS _chsync_partition,
      _part AS _chsync_part,
      count() AS _chsync_rows,
      ${from} AS _chsync_from,
      ${to} AS _chsync_to,
      cityHash64(_chsync_part, _chsync_rows) AS _chsync_part_rows
    FROM ${qualified(id)}
    WHERE _partition_id IN (${partitionIds.map(literal).join(", ")})
    GROUP BY _chsync_partition, _chsync_part
  `;
}

export interface VisibleRow {
  readonly _chsync_partition: string;
  readonly _chsync_part: string;
  readonly _chsync_rows: string;
  readonly _chsync_from: string | null;
  readonly _chsync_to: string | null;
  /** Part and rows, hashed as in `Partition.partRows`; absent where stored parts are told too. */
  readonly _chsync_part_rows?: string;
}

export function decodeVisiblePart(row: VisibleRow): VisiblePart {
  return {
    partitionId: text(row._chsync_partition),
    name: text(row._chsync_part),
    rows: BigInt(row._chsync_rows),
    from: row._chsync_from === null ? null : BigInt(row._chsync_from),
    to: row._chsync_to === null ? null : BigInt(row._chsync_to),
  };
}

/** Both in one answer, in no order: a row of `storedParts` has `_chsync_stored`. */
export function storedAndVisible(
  id: TableId,
  partitionIds: readonly string[],
  axis: TimeAxis | null,
): string {
  return sql`
    SELECT
      1 AS _chsync_stored,
      partition_id AS _chsync_partition,
      name AS _chsync_part,
      stored_rows AS _chsync_rows,
      NULL AS _chsync_from,
      NULL AS _chsync_to
    FROM (
      ${storedParts(id, partitionIds)}
    )
    UNION ALL
    SELECT 0, _chsync_partition, _chsync_part, _chsync_rows, _chsync_from, _chsync_to
    FROM (
      ${visibleParts(id, partitionIds, axis)}
    )
  `;
}

export interface StoredOrVisibleRow extends VisibleRow {
  readonly _chsync_stored: number;
}

/** Rows in scope of each of these partitions; a partition without any is not in the answer. */
export function countStatement(id: TableId, partitionIds: readonly string[], scope: RowScope): string {
  return sql`
    SELECT _partition_id AS _chsync_partition, count() AS _chsync_rows
    FROM ${qualified(id)}
    WHERE ${inScope(partitionIds, scope)}
    GROUP BY _chsync_partition
  `;
}

export interface CountRow {
  readonly _chsync_partition: string;
  readonly _chsync_rows: string;
}

/** One row, with a number for each of the rules: `_chsync_early_0`, `_chsync_early_1`, … */
export function earlyRows(id: TableId, rules: readonly EarlyRule[], now: number): string {
  const counts = rules.map(({ takes, unless }, index) => {
    const left = unless.map((rule) => ` AND ${unexpired(rule, now)}`).join("");
    return `countIf(NOT (${unexpired(takes, now)})${left}) AS _chsync_early_${index}`;
  });
  return sql`
    SELECT
      ${listed(counts)}
    FROM ${qualified(id)}
  `;
}
