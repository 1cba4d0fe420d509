/** Through which Buffer tables rows come to the tables of a site that are compared. */
import type { Settings } from "../../model/settings.ts";
import type { Catalog, TableId } from "../../model/table.ts";
import { isExcluded } from "../tables/select_tables.ts";
import { allSources, viewSources } from "../views/derived_tables.ts";

export interface BufferTable {
  readonly id: TableId;
  /** For how long a row waits in it at most. */
  readonly seconds: number;
  /** The names here of the compared tables that its rows come to, by views too. */
  readonly fills: readonly string[];
}

/**
 * Those that may keep a row for longer than it takes to settle.
 *
 * @param names of the site's tables that are compared, each with the name of its pair
 */
export function bufferTables(
  catalog: Catalog,
  names: ReadonlyMap<string, string>,
  { excludePatterns, settleSeconds }: Pick<Settings, "excludePatterns" | "settleSeconds">,
): BufferTable[] {
  const long = [...catalog.others].filter(([name, { keepsFor }]) =>
    keepsFor !== null && keepsFor >= settleSeconds && !isExcluded(name, excludePatterns)
  );
  if (long.length === 0) return [];
  const sources = viewSources(catalog);
  const upstream = [...names].map(([table, pair]) => [pair, allSources(table, sources)] as const);
  return long.flatMap(([name, { id, keepsFor }]) => {
    const fills = upstream.flatMap(([pair, sources]) => sources.has(name) ? [pair] : []);
    return fills.length > 0 ? [{ id, seconds: keepsFor!, fills }] : [];
  });
}
