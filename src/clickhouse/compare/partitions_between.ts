/** Asking a site which partitions hold rows of a span of time. */
import type { TimeAxis } from "../../model/scope.ts";
import { PER_SECOND } from "../../model/time_units.ts";
import type { TableId } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { decoded, text } from "../http/decode.ts";
import { allOf, sql } from "../sql/layout.ts";
import { identifier, qualified } from "../sql/quoting.ts";
import { ticks } from "../sql/rows_in_scope.ts";

const DAY = 86_400;

/** The first and the last second that every time type can be compared with. */
const [TYPED_FROM, TYPED_UNTIL] = [0, 4_102_444_800];

/** @param from unix seconds, and so is `to`; null: no limit */
export async function readPartitionsBetween(
  connection: Connection,
  table: TableId,
  axis: TimeAxis,
  from: number | null,
  to: number | null,
): Promise<Set<string>> {
  const rows = await connection.rows<PartitionRow>(partitionsBetween(table, axis, from, to), { long: true });
  return decoded(connection.site, () => new Set(rows.map((row) => text(row._chsync_partition))));
}

interface PartitionRow {
  readonly _chsync_partition: string;
}

function partitionsBetween(table: TableId, axis: TimeAxis, from: number | null, to: number | null): string {
  return sql`
    SELECT _partition_id AS _chsync_partition
    FROM ${qualified(table)}
    WHERE ${allOf([...atLeast(axis, from), ...before(axis, to)])}
    GROUP BY _chsync_partition
  `;
}

/** A day counts where any second of it does, in UTC: which zone it was meant in is not known. */
function atLeast(axis: TimeAxis, from: number | null): string[] {
  if (from === null) return [];
  return [
    axis.unit === "days"
      ? `${ticks(axis)} >= ${Math.floor(from / DAY)}`
      : `${column(axis, from)} >= ${instant(axis, from)}`,
  ];
}

function before(axis: TimeAxis, to: number | null): string[] {
  if (to === null) return [];
  return [
    axis.unit === "days"
      ? `${ticks(axis)} < ${Math.ceil(to / DAY)}`
      : `${column(axis, to)} < ${instant(axis, to)}`,
  ];
}

/** As a time, or as the number that it is, where it can be: that is looked up in the indices of a table. */
function column(axis: TimeAxis, seconds: number): string {
  return isTyped(seconds) ? identifier(axis.column) : ticks(axis);
}

/** A number in the unit of the axis, where that is one of numbers. */
function instant({ unit, numbers }: TimeAxis, seconds: number): string {
  if (numbers && unit !== "days") return String(BigInt(seconds) * PER_SECOND[unit]);
  return isTyped(seconds) ? `toDateTime64(${seconds}, 0)` : String(seconds);
}

function isTyped(seconds: number): boolean {
  return seconds >= TYPED_FROM && seconds <= TYPED_UNTIL;
}
