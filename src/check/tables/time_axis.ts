/** Finding the column by which rows settle. */
import type { TimeAxis } from "../../model/scope.ts";
import type { TimeColumn } from "../../model/settings.ts";
import type { Column, Table } from "../../model/table.ts";
import { isExcluded } from "./select_tables.ts";

/** What the operator says of a column; undefined: nothing. */
export function saidOf(
  { id }: Pick<Table, "id">,
  { name }: Column,
  timeColumns: readonly TimeColumn[],
): TimeColumn | undefined {
  return timeColumns.find(({ pattern }) => isExcluded(`${id.database}.${id.name}.${name}`, [pattern]));
}

/** Whether a column holds values that its site was given, and not such as it computes. */
export function isGiven({ defaultKind }: Column): boolean {
  return defaultKind === "" || defaultKind === "DEFAULT";
}

/**
 * The time column that the operator names, else that of the partition key, else of the sorting key, else null. One that counts seconds is preferred to a
 * date wherever it is: rows of a date settle only when the day is over. A column that is EPHEMERAL or ALIAS cannot be
 * in a key.
 */
export function findTimeAxis(table: Table, timeColumns: readonly TimeColumn[] = []): TimeAxis | null {
  const said = (column: Column) => saidOf(table, column, timeColumns);
  const isNone = (column: Column) => said(column)?.unit === "none";
  const named = table.columns.filter((column) =>
    isGiven(column) && timeUnit(column.type) !== null && said(column) && !isNone(column)
  );
  const keys = [
    ...table.columns.filter((column) => column.inPartitionKey),
    ...table.columns.filter((column) => column.inSortingKey),
  ].filter((column) => !isNone(column));
  const axes = (named.length > 0 ? named : keys).flatMap((column) => {
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
