/** Which tables are fed by views from tables that are compared (traps 2 and 30). */
import type { Catalog } from "../model/table.ts";
import { tableName } from "../model/table.ts";

/** Names of the direct sources of each table that a view of this site fills on insert. */
export type Sources = ReadonlyMap<string, ReadonlySet<string>>;

/** Reads, from `dependencies_table` of the sources, which table fills which through a view. */
export function viewSources({ tables, views }: Catalog): Sources {
  const sources = new Map<string, Set<string>>();
  for (const [source, table] of tables) {
    for (const viewId of table.feeds) {
      const view = views.get(tableName(viewId));
      if (!view || view.refreshable) continue;
      const target = tableName(view.target);
      const of = sources.get(target) ?? new Set();
      sources.set(target, of.add(source));
    }
  }
  return sources;
}

/**
 * The tables that are not compared row by row, as a repair of their sources feeds them: those with a source among
 * `compared`, directly or through other tables. A table whose sources are all excluded or absent at the other site
 * (or store no rows: Null, Kafka; those are in no catalog) is an ordinary one, and so is one of a cycle of views, which
 * would else be compared nowhere.
 *
 * @param compared names of the tables that exist on both sites and are not excluded
 */
export function derivedTables(sources: Sources, compared: ReadonlySet<string>): Set<string> {
  return new Set(
    [...sources.keys()].filter((target) => {
      const upstream = allSources(target, sources);
      return !upstream.has(target) && [...upstream].some((source) => compared.has(source));
    }),
  );
}

/** The sources of a table, their sources, and so on. */
function allSources(target: string, sources: Sources): Set<string> {
  const found = new Set<string>();
  const visit = (name: string) => {
    for (const source of sources.get(name) ?? []) {
      if (found.has(source)) continue;
      found.add(source);
      visit(source);
    }
  };
  visit(target);
  return found;
}

/** `names` with every table after the ones that feed it; otherwise in the order of the names. */
export function sourcesFirst(names: Iterable<string>, sources: Sources): string[] {
  const wanted = new Set([...names].sort());
  const ordered = new Set<string>();
  const visit = (name: string, path: ReadonlySet<string>) => {
    if (ordered.has(name) || path.has(name)) return;
    for (const source of [...sources.get(name) ?? []].sort()) visit(source, new Set([...path, name]));
    if (wanted.has(name)) ordered.add(name);
  };
  for (const name of wanted) visit(name, new Set());
  return [...ordered];
}
