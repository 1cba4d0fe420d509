/** Through which Buffer tables rows come to the tables of a site that are compared. */
import type { Catalog, TableId } from "../../model/table.ts";
import { isExcluded } from "../tables/select_tables.ts";
import { allSources, viewSources } from "../views/derived_tables.ts";

export interface BufferTable {
  readonly id: TableId;
  readonly into: TableId;
  /** For how long a row waits in it at most. */
  readonly seconds: number;
  /** The names here of the compared tables that its rows come to, by views too. */
  readonly fills: readonly string[];
}

/** @param names of the site's tables that are compared, each with the name of its pair */
export function bufferTables(
  catalog: Catalog,
  names: ReadonlyMap<string, string>,
  excludePatterns: readonly string[],
): BufferTable[] {
  const sources = viewSources(catalog);
  return [...catalog.others].flatMap(([name, { id, writesTo: [into], keepsFor }]) => {
    if (keepsFor === null || into === undefined || isExcluded(name, excludePatterns)) return [];
    const fills = [...names].filter(([table]) => allSources(table, sources).has(name)).map(([, pair]) =>
      pair
    );
    return fills.length > 0 ? [{ id, into, seconds: keepsFor, fills }] : [];
  });
}
