/** Finding the column by which rows settle. */
import type { TimeAxis } from "../model/scope.ts";
import type { Column, Table } from "../model/table.ts";

/**
 * The time column of the partition key, else of the sorting key, else null. Where a key has several, one that
 * counts seconds is preferred to a date: it settles sooner. A column that is EPHEMERAL or ALIAS cannot be in a key.
 */
export function findTimeAxis(table: Table): TimeAxis | null {
  return axisAmong(table.columns.filter((column) => column.inPartitionKey)) ??
    axisAmong(table.columns.filter((column) => column.inSortingKey));
}

function axisAmong(columns: readonly Column[]): TimeAxis | null {
  const axes = columns.flatMap((column) => {
    const unit = timeUnit(column.type);
    return unit ? [{ column: column.name, unit }] : [];
  });
  return axes.find((axis) => axis.unit === "seconds") ?? axes[0] ?? null;
}

/** What `toInt64` of a value of this type counts, or null for types that are no point in time. */
export function timeUnit(type: string): TimeAxis["unit"] | null {
  const bare = type.replace(/^LowCardinality\((.*)\)$/, "$1").replace(/^Nullable\((.*)\)$/, "$1");
  if (/^DateTime(64)?(\(.*\))?$/.test(bare)) return "seconds";
  return bare === "Date" || bare === "Date32" ? "days" : null;
}

/**
 * Whether the partition key reads a DateTime without a zone of its own: then the server's zone decides to which
 * partition a row belongs (trap 13).
 */
export function partitionsByServerZone(table: Table): boolean {
  return table.columns.some((column) =>
    column.inPartitionKey && /\bDateTime(?!64)\b(?!\()|\bDateTime64\(\d+\)/.test(column.type)
  );
}
