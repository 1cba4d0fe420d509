/** Tables that a refreshable view fills on its own schedule at each site. */
import { type Catalog, tableName, type TablePair } from "../../model/table.ts";

export interface RefreshedTable {
  readonly cause: "derived" | "drifted";
  readonly detail: string;
}

/**
 * The two sites replace their rows, or add to them, at different moments: there is nothing to compare. If only one site
 * has such a view, the tables have drifted.
 */
export function refreshedTables(
  here: Catalog,
  there: Catalog,
  pairs: ReadonlyMap<string, TablePair>,
): Map<string, RefreshedTable> {
  const [viewsHere, viewsThere] = [refreshing(here), refreshing(there)];
  return new Map([...pairs].flatMap(([name, pair]): [string, RefreshedTable][] => {
    const [viewHere, viewThere] = [viewsHere.get(name), viewsThere.get(tableName(pair.there.id))];
    if (viewHere && viewThere) {
      const detail =
        `filled at each site by the schedule of the refreshable view ${viewHere}: neither compared nor copied`;
      return [[name, { cause: "derived", detail }]];
    }
    const [view, where] = viewHere ? [viewHere, "here"] : [viewThere, "at the active site"];
    if (view === undefined) return [];
    const detail =
      `the refreshable view ${view} fills it ${where} only: create the same view at both sites, or drop it`;
    return [[name, { cause: "drifted", detail }]];
  }));
}

/** The refreshable view that fills each table. */
function refreshing({ views }: Catalog): Map<string, string> {
  return new Map(
    [...views].filter(([, { refreshable }]) => refreshable).map(([name, { target }]) => [
      tableName(target),
      name,
    ]),
  );
}
