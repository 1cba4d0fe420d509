/** What the views of this site make of all that the repaired table holds here, as SQL: one view after the other, nothing stored. */
import type { FedTarget } from "../../model/derived_view.ts";
import type { Repair } from "../../model/repair.ts";
import { type Column, type TableId, tableName } from "../../model/table.ts";
import { overRows } from "../catalog/view_over_staging.ts";
import { copiedColumns } from "../sql/canonical_row.ts";
import { identifier, literal, qualified } from "../sql/quoting.ts";
import { givenHashes } from "./fed_rows.ts";
import { keyHashes } from "./keyed_rows.ts";
import { keyedColumns } from "./put_together.ts";
import { isApart } from "./takes_again.ts";

export interface Filling {
  readonly columns: readonly string[];
  /** SQL after FROM. */
  readonly from: string;
}

/**
 * @param beside views that fill the same target from other tables
 * @param from `held`: SQL of what the source of `views` got; null: it cannot be made again
 * @returns what all of the views make; null: it cannot be told
 */
export function ownMaking(
  views: FedTarget["views"],
  beside: FedTarget["views"],
  { source, held }: { readonly source: TableId; readonly held: string | null },
): readonly Filling[] | null {
  const fillings: Filling[] = beside.map(({ view, columns }) => ({ columns, from: `(${view.select})` }));
  for (const { view, columns } of views) {
    const select = held === null ? null : overRows(view.select, source, held);
    if (select === null) return null;
    fillings.push({ columns, from: `(${select})` });
  }
  return fillings.some(({ columns }) => columns.length === 0) ? null : fillings;
}

/** What a target passes on to its own views: the columns that all of these give, as it takes them. @returns SQL after FROM */
export function handedOn(
  making: readonly Filling[] | null,
  columns: readonly Pick<Column, "name" | "type">[],
): string | null {
  if (making === null) return null;
  const taken = columns.filter(({ name }) => making.every((one) => one.columns.includes(name)));
  if (taken.length === 0) return null;
  const list = taken.map(({ name, type }) =>
    `CAST(${identifier(name)}, ${literal(type)}) AS ${identifier(name)}`
  );
  return `(${making.map(({ from }) => `SELECT ${list.join(", ")} FROM ${from}`).join(" UNION ALL ")})`;
}

/** What a view makes of what its source holds; where rows stay apart, only those that are in question, or it would be a copy of all. */
export function ownRows(target: FedTarget, select: string, made: TableId, filter: string): string {
  if (!isApart(target.by)) return `${select}${filter}`;
  const { city } = givenHashes(target);
  const columns = target.pair.here.columns.filter(({ name }) => target.given.includes(name));
  const asStored = columns.map(({ name, type }) =>
    `CAST(${identifier(name)}, ${literal(type)}) AS ${identifier(name)}`
  );
  return `(SELECT * REPLACE (${asStored.join(", ")}) FROM ${select}) ` +
    `WHERE ${city} IN (SELECT ${city} FROM ${qualified(made)})${filter}`;
}

/** Rows that stay apart are looked for among those of their own partition first. @returns SQL behind a SELECT */
export function ownPartition(
  { pair, partitionId }: Pick<Repair, "pair" | "partitionId">,
  { by }: FedTarget,
  source: TableId,
): string {
  if (!isApart(by) || tableName(source) !== pair.name) return "";
  const only = `_partition_id = ${literal(partitionId)}`;
  return ` SETTINGS additional_table_filters = {${literal(tableName(source))}: ${literal(only)}}`;
}

/** What the target here holds of the keys, or rows, that are in question. */
export function heldOf(target: FedTarget, made: TableId): Filling {
  const { by, pair: { here } } = target;
  const hash = isApart(by)
    ? givenHashes(target).city
    : keyHashes(keyedColumns(here, typeof by === "string" ? "engine" : by).key)[0];
  return {
    columns: copiedColumns(here.columns).map(({ name }) => name),
    from: `${qualified(here.id)} WHERE ${hash} IN (SELECT ${hash} FROM ${qualified(made)})`,
  };
}
