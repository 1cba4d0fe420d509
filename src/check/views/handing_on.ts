/** Tables of other engines than the MergeTree family into which views put rows. */
import { type Catalog, tableName } from "../../model/table.ts";
import type { Discovery } from "../tables/discovery.ts";

/** Engines that keep no rows, or one of a key. */
const KEEPS_NO_TWO: ReadonlySet<string> = new Set([
  "Null",
  "Set",
  "EmbeddedRocksDB",
  "KeeperMap",
  "Redis",
  "View",
  "MaterializedView",
  "TimeSeries",
]);

/** As in `Discovery.holding`. */
export function holdingTables({ tables, others }: Pick<Catalog, "tables" | "others">): Discovery["holding"] {
  return new Map(
    [...others].flatMap(([name, { engine, feeds, writesTo: [into] }]) => {
      if (into === undefined || engine === "Alias") return [];
      const behind = engine === "Buffer" && feeds.length === 0 ? tableName(into) : "";
      return [[name, tables.has(behind) ? behind : null] as const];
    }),
  );
}

/** As in `Discovery.unread`. An Alias is not looked through where views read it. */
export function unreadTables({ others }: Pick<Catalog, "others">): Discovery["unread"] {
  return new Set(
    [...others].flatMap(([name, { writesTo, engine }]) =>
      (writesTo.length === 0 || engine === "Alias") && !KEEPS_NO_TWO.has(engine) ? [name] : []
    ),
  );
}
