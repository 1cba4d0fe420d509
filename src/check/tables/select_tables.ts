/** From two catalogs to the tables that are compared, those that are new, and those that are left out. */
import type { LeftOut } from "../../model/report.ts";
import type { Catalog, Table, TablePair } from "../../model/table.ts";
import { tableName } from "../../model/table.ts";
import { type InnerTable, innerTables, isCompared, isInner } from "./inner_tables.ts";
import { pairTables } from "./shared_rules.ts";

export interface Selection {
  /** At both sites and not excluded, by the name of this site's table. */
  readonly pairs: ReadonlyMap<string, TablePair>;
  /** At the active site only. */
  readonly newTables: readonly Table[];
  /** Tables of this site that the active one does not have, or does not show. */
  readonly onlyHere: readonly string[];
  /** Inner tables of this site that belong to nothing here. */
  readonly orphans: readonly string[];
  /** Tables of the active site of other engines than the MergeTree family. */
  readonly leftOut: readonly LeftOut[];
  /** Inner tables at the active site whose owner has no such one here, or is not here. */
  readonly unpairedInner: readonly UnpairedInner[];
  /** Inner tables at the active site of which nothing is compared. */
  readonly notCompared: readonly NotCompared[];
  /** How many tables of the active site the patterns leave out. */
  readonly excluded: number;
  /** Tables that are not compared, as ch-sync keeps names of their kind for itself. */
  readonly reserved: readonly string[];
}

export interface UnpairedInner {
  readonly owner: string;
  /** Of the owner. */
  readonly engine: string;
  /** The inner table at the active site. */
  readonly table: Table;
  /** Where the owner puts its rows at this site, in words; null: the owner is not here. */
  readonly keptHere: string | null;
}

export interface NotCompared {
  /** The inner table at the active site. */
  readonly table: Table;
  /** Null: it belongs to nothing that is there. */
  readonly owner: InnerTable | null;
}

/** Prefix of staging tables, which are never tables of the user. */
export const STAGING_PREFIX = "_chsync_";

/**
 * Pairs the tables of both sites by name; inner tables, whose names hold a UUID, by the name of their owner.
 *
 * @param only patterns of the tables to which the check is limited, as `isWanted()` takes them; null: all
 */
export function selectTables(
  here: Catalog,
  there: Catalog,
  excludePatterns: readonly string[],
  only: ReadonlySet<string> | null,
): Selection {
  const [innerHere, innerThere] = [innerTables(here), innerTables(there)];
  const namesHere = new Map([...innerHere].map(([name, inner]) => [keyOf(inner), name]));
  const pairs = new Map<string, TablePair>();
  const newTables: Table[] = [];
  const unpairedInner: UnpairedInner[] = [];
  const notCompared: NotCompared[] = [];
  let excluded = 0;
  for (const [nameThere, table] of there.tables) {
    const inner = innerThere.get(nameThere);
    const shown = inner?.owner ?? nameThere;
    const name = inner ? namesHere.get(keyOf(inner)) : nameThere;
    if (!isWanted([shown, nameThere, ...name === undefined ? [] : [name]], only)) continue;
    if (isPassing(table)) continue;
    if (isExcluded(shown, excludePatterns)) {
      excluded++;
      continue;
    }
    if (inner && !isCompared(inner)) {
      notCompared.push({ table, owner: inner });
      continue;
    }
    const tableHere = name === undefined ? undefined : here.tables.get(name);
    if (tableHere) pairs.set(tableName(tableHere.id), pairTables(tableName(tableHere.id), tableHere, table));
    else if (inner) unpairedInner.push({ ...inner, table, keptHere: keptHere(here, inner) });
    else if (isInner(table.id)) notCompared.push({ table, owner: null });
    else newTables.push(table);
  }
  const unpairedHere = [...here.tables].filter(([name, table]) =>
    !pairs.has(name) && !isPassing(table) &&
    !isExcluded(innerHere.get(name)?.owner ?? name, excludePatterns) &&
    isWanted([innerHere.get(name)?.owner ?? name, name], only)
  );
  const stillThere = (owner: string) => there.views.has(owner) || there.others.has(owner);
  const onlyHere = unpairedHere.filter(([name, table]) => {
    const inner = innerHere.get(name);
    return inner ? isCompared(inner) && !stillThere(inner.owner) : !isInner(table.id);
  }).map(([name]) => name);
  const orphans = unpairedHere.filter(([name, { id }]) => isInner(id) && !innerHere.has(name)).map(([name]) =>
    name
  );
  const owners = new Set([...innerThere.values()].filter(isCompared).map(({ owner }) => owner));
  const leftOut = only ? [] : [...there.others]
    .filter(([name]) => !owners.has(name) && !isExcluded(name, excludePatterns))
    .map(([table, { engine }]) => ({ table, engine }));
  const reserved = [...there.tables.values(), ...here.tables.values()].filter(isReserved)
    .map(({ id }) => tableName(id));
  return {
    pairs,
    newTables,
    unpairedInner,
    notCompared,
    onlyHere,
    orphans,
    leftOut,
    excluded,
    reserved: [...new Set(reserved)].sort(),
  };
}

/** Which of `names` neither site holds. */
export function unknownTables(names: Iterable<string>, here: Catalog, there: Catalog): string[] {
  return [...names].filter((name) => !here.tables.has(name) && !there.tables.has(name));
}

/** Which patterns of `--table` match no table of either site, nor the owner of one. */
export function idlePatterns(only: Iterable<string>, here: Catalog, there: Catalog): string[] {
  const names = allNames(here, there);
  return [...only].filter((pattern) => !names.some((name) => isExcluded(name, [pattern.replace(/^!/, "")])));
}

/** Names by which tables of either site can be chosen, those that exist for a while only left out. */
export function allNames(here: Catalog, there: Catalog): string[] {
  const ofSite = (catalog: Catalog) => [
    ...[...catalog.tables].flatMap(([name, table]) => isPassing(table) ? [] : name),
    ...[...innerTables(catalog).values()].map(({ owner }) => owner),
  ];
  return [...new Set([...ofSite(here), ...ofSite(there)])];
}

/**
 * Whether a check is to look at a table of these names: one of the patterns matches, or there are only such as begin with `!`;
 * and none of those matches.
 *
 * @param only null: at every table
 */
export function isWanted(names: readonly string[], only: ReadonlySet<string> | null): boolean {
  if (only === null) return true;
  const [without, within] = [[...only].filter(leavesOut), [...only].filter((pattern) => !leavesOut(pattern))];
  const matches = (pattern: string) => names.some((name) => isExcluded(name, [pattern]));
  return (within.length === 0 || within.some(matches)) &&
    !without.some((pattern) => matches(pattern.slice(1)));
}

function leavesOut(pattern: string): boolean {
  return pattern.startsWith("!");
}

/** Tables of somebody else's whose names begin like those that ch-sync makes. */
function isReserved({ id: { name } }: Table): boolean {
  return name.startsWith(STAGING_PREFIX) && !/^_chsync_(?:kept_)?(?:primary|dr)_/.test(name);
}

/** Tables that exist for a while only: of ch-sync, and of a view that is being refreshed. */
export function isPassing({ id: { name } }: Pick<Table, "id">): boolean {
  return name.startsWith(STAGING_PREFIX) || name.startsWith(".tmp.inner");
}

/** The same for the same inner table at either site. */
function keyOf({ owner, part }: InnerTable): string {
  return JSON.stringify([owner, part]);
}

function keptHere({ views, others }: Catalog, { owner }: InnerTable): string | null {
  const target = views.get(owner)?.target;
  if (target) return tableName(target);
  return others.has(owner) ? "other tables" : null;
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
