/** Tables of the engine Alias: other names of tables, by which rows go into these at once. */
import {
  type Catalog,
  type MaterializedView,
  type OtherTable,
  type TableId,
  tableName,
} from "../../model/table.ts";
import { qualified } from "../sql/quoting.ts";

/** What views and other tables fill, by the own names of the tables that keep the rows. */
export function withoutAliases(
  views: readonly MaterializedView[],
  others: readonly OtherTable[],
): {
  readonly views: readonly MaterializedView[];
  readonly others: readonly OtherTable[];
  readonly readAs: NonNullable<Catalog["readAs"]>;
} {
  const named = new Map(
    others.flatMap(({ id, engine, writesTo: [table] }) =>
      engine === "Alias" && table ? [[tableName(id), table] as const] : []
    ),
  );
  const behind = (id: TableId) => named.get(tableName(id)) ?? id;
  return {
    views: views.map((view) => ({ ...view, target: behind(view.target) })),
    readAs: new Map(
      [...named].map(([name, table]) => [name, { database: table.database, text: qualified(table) }]),
    ),
    // No row stays in an alias.
    others: others.map((other) => ({
      ...other,
      writesTo: named.has(tableName(other.id)) ? [] : other.writesTo.map(behind),
    })),
  };
}
