/** From two catalogs to the tables that are compared, those that are new, and those that are left out. */
import type { LeftOut } from "../../model/report.ts";
import type { Catalog, MaterializedView, Table, TablePair } from "../../model/table.ts";
import { tableName } from "../../model/table.ts";
import { pairTables } from "./shared_rules.ts";

export interface Selection {
  /** At both sites and not excluded, by the name of this site's table. */
  readonly pairs: ReadonlyMap<string, TablePair>;
  /** At the active site only. */
  readonly newTables: readonly Table[];
  /** Tables of this site that the active one does not have, or does not show. */
  readonly onlyHere: readonly string[];
  /** Tables of the active site of other engines than the MergeTree family. */
  readonly leftOut: readonly LeftOut[];
  /** Views that hold rows in an inner table at the active site, and not here. */
  readonly unpairedInner: readonly UnpairedInner[];
  /** How many tables of the active site the patterns leave out. */
  readonly excluded: number;
  /** Tables that are not compared, as ch-sync keeps names of their kind for itself. */
  readonly reserved: readonly string[];
}

export interface UnpairedInner {
  readonly view: string;
  /** The inner table at the active site. */
  readonly table: Table;
  /** The view's own table at this site, where the view puts its rows; null: the view is not here. */
  readonly targetHere: string | null;
}

/** Prefix of staging tables, which are never tables of the user. */
export const STAGING_PREFIX = "_chsync_";

/**
 * Pairs the tables of both sites by name; the inner table of a view, whose name holds a UUID, by the view's name.
 *
 * @param only names of the tables to which the check is limited; null: all
 */
export function selectTables(
  here: Catalog,
  there: Catalog,
  excludePatterns: readonly string[],
  only: ReadonlySet<string> | null,
): Selection {
  const innerHere = innerTables(here);
  const innerThere = innerTables(there);
  const pairs = new Map<string, TablePair>();
  const newTables: Table[] = [];
  const unpairedInner: UnpairedInner[] = [];
  let excluded = 0;
  for (const [nameThere, table] of there.tables) {
    const viewName = innerThere.ofTable.get(nameThere);
    if (only && !only.has(viewName ?? nameThere) && !only.has(nameThere)) continue;
    if (isPassing(table)) continue;
    if (isExcluded(viewName ?? nameThere, excludePatterns)) {
      excluded++;
      continue;
    }
    const name = viewName ? innerHere.ofView.get(viewName) : nameThere;
    const tableHere = name === undefined ? undefined : here.tables.get(name);
    if (tableHere) pairs.set(tableName(tableHere.id), pairTables(tableName(tableHere.id), tableHere, table));
    else if (!viewName) newTables.push(table);
    else {
      const target = here.views.get(viewName)?.target;
      unpairedInner.push({ view: viewName, table, targetHere: target ? tableName(target) : null });
    }
  }
  const onlyHere = [...here.tables].filter(([name, table]) =>
    !pairs.has(name) && !isPassing(table) && !innerHere.ofTable.has(name) &&
    !isExcluded(name, excludePatterns) &&
    (!only || only.has(name))
  ).map(([name]) => name);
  const leftOut = only ? [] : [...there.others]
    .filter(([name]) => !isExcluded(name, excludePatterns))
    .map(([table, { engine }]) => ({ table, engine }));
  const reserved = [...there.tables.values(), ...here.tables.values()].filter(isReserved)
    .map(({ id }) => tableName(id));
  return {
    pairs,
    newTables,
    unpairedInner,
    onlyHere,
    leftOut,
    excluded,
    reserved: [...new Set(reserved)].sort(),
  };
}

/** Which of `names` neither site holds: mistakes of `--table`. */
export function unknownTables(names: Iterable<string>, here: Catalog, there: Catalog): string[] {
  return [...names].filter((name) => !here.tables.has(name) && !there.tables.has(name));
}

/** Tables of somebody else's whose names begin like those that ch-sync makes. */
function isReserved({ id: { name } }: Table): boolean {
  return name.startsWith(STAGING_PREFIX) && !/^_chsync_(?:kept_)?(?:primary|dr)_/.test(name);
}

/** Tables that exist for a while only: of ch-sync, and of a view that is being refreshed. */
function isPassing({ id: { name } }: Table): boolean {
  return name.startsWith(STAGING_PREFIX) || name.startsWith(".tmp");
}

function innerTables({ views }: Catalog) {
  const inner = [...views].filter(([, view]: [string, MaterializedView]) =>
    /^\.inner/.test(view.target.name)
  );
  return {
    ofTable: new Map(inner.map(([name, view]) => [tableName(view.target), name])),
    ofView: new Map(inner.map(([name, view]) => [name, tableName(view.target)])),
  };
}

/**
 * Whether a `database.table` matches one of the globs: `*` stands for any characters, dots and slashes included, `?`
 * for one; everything else for itself, in this case.
 */
export function isExcluded(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const literal = pattern.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
    return new RegExp(`^${literal.replace(/\*+/g, ".*").replaceAll("?", ".")}$`, "su").test(name);
  });
}
