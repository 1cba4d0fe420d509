/** What the views of this site make of all that the repaired table holds here, as SQL: one view after the other, nothing stored. */
import type { FedTarget } from "../../model/derived_view.ts";
import type { Column, TableId } from "../../model/table.ts";
import { overRows } from "../catalog/view_over_staging.ts";
import { identifier, literal } from "../sql/quoting.ts";

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
