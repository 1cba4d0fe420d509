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
  readonly readAs: Catalog["readAs"];
} {
  const named = new Map(
    others.flatMap(({ id, engine, writesTo: [table] }) =>
      engine === "Alias" && table ? [[tableName(id), table] as const] : []
    ),
  );
  // What a view reads by an alias passes that view only if it came by the alias: such a one hands rows on, as a Buffer table does.
  const plain = new Set(others.filter(({ feeds }) => feeds.length === 0).map(({ id }) => tableName(id)));
  const behind = (id: TableId) => plain.has(tableName(id)) ? named.get(tableName(id)) ?? id : id;
  return {
    views: views.map((view) => ({ ...view, target: behind(view.target) })),
    readAs: new Map(
      [...named].map(([name, table]) => [name, { database: table.database, text: qualified(table) }]),
    ),
    others: others.map((other) => ({
      ...other,
      writesTo: behind(other.id) === other.id ? other.writesTo.map(behind) : [],
    })),
  };
}
