/** Columns that each site fills for itself: they are copied like any others, and tell no rows apart. */
import type { FeedingView } from "../../model/derived_view.ts";
import type { Settings } from "../../model/settings.ts";
import { type Column, type Table, tableName, type TablePair } from "../../model/table.ts";
import { namesIn } from "./made_up_values.ts";
import { isExcluded } from "./select_tables.ts";
import { isGiven, saidOf } from "./time_axis.ts";

/** What the views of this site make of a table, and of those that they read besides. */
export interface ReadByViews {
  /** Names of the tables that views fill from compared ones. */
  readonly derived: { has(name: string): boolean };
  /** The views that fill each table. */
  readonly views: ReadonlyMap<string, readonly FeedingView[]>;
  /** By the source of views, the other tables that they read. */
  readonly partners: ReadonlyMap<string, ReadonlySet<string>>;
}

type Patterns = Pick<Settings, "ignoreColumns" | "timeColumns">;

/**
 * The pair with the columns marked that the operator leaves out, or with why they cannot be. Tables that views fill are compared
 * as they are: what their rows hold follows from other tables.
 */
export function withIgnored(pair: TablePair, settings: Patterns, read: ReadByViews): TablePair {
  const named = pair.here.columns.filter((column) => isNamed(pair.here, column, settings.ignoreColumns));
  if (named.length === 0 || read.derived.has(pair.name)) return pair;
  const objection =
    named.map((column) => objectionTo(pair, column, settings, read)).find((why) => why !== null) ??
      nothingLeft(pair, named);
  if (objection) {
    return { ...pair, unignorable: `IGNORE_COLUMNS ${objection}; correct it, or exclude the table` };
  }
  const names = new Set(named.map(({ name }) => name));
  const mark = (table: Table): Table => ({
    ...table,
    columns: table.columns.map((column) =>
      names.has(column.name) && isGiven(column) ? { ...column, ignored: true } : column
    ),
  });
  return { ...pair, here: mark(pair.here), there: mark(pair.there) };
}

/** Names of the columns of a pair that are left out. */
export function ignoredColumns({ here }: Pick<TablePair, "here">): string[] {
  return here.columns.filter(({ ignored }) => ignored).map(({ name }) => name);
}

/** Entries of IGNORE_COLUMNS that have no effect, each in a sentence. */
export function idleIgnored(
  tables: Iterable<Table>,
  { ignoreColumns }: Pick<Settings, "ignoreColumns">,
  derived: ReadByViews["derived"],
): string[] {
  const matches = (pattern: string) =>
    [...tables].filter((table) => table.columns.some((column) => isNamed(table, column, [pattern])));
  return ignoreColumns.flatMap((pattern) => {
    const found = matches(pattern).map(({ id }) => tableName(id));
    if (found.length === 0) {
      return [
        `IGNORE_COLUMNS names ${pattern}, and no table of this site has such a column: correct it, or take it out`,
      ];
    }
    const filled = found.filter((name) => derived.has(name));
    return filled.length === 0 ? [] : [
      `IGNORE_COLUMNS names ${pattern}: in ${
        filled.join(", ")
      }, filled by views, the column is compared all the same`,
    ];
  });
}

/** Why a column tells rows apart, whatever the operator says, in words; null: it need not. @param column of this site */
export function objectionTo(
  { here, there }: Pick<TablePair, "here" | "there">,
  column: Column,
  { timeColumns }: Pick<Settings, "timeColumns">,
  { views, partners }: Pick<ReadByViews, "views" | "partners">,
): string | null {
  const names = `names ${column.name}`;
  if (here.traits.mergesRows) {
    return `${names}, and ${here.engine} merges rows: which of them stays may depend on it`;
  }
  if (column.inPartitionKey || column.inSortingKey) return `${names}, which is in a key of the table`;
  if (isTime(here, column, timeColumns)) return `${names}, by which TIME_COLUMNS lets rows settle`;
  for (const table of [here, there]) {
    if ([...definingNames(table, timeColumns)].some((name) => isOf(column.name, name))) {
      return `${names}, on which a key, a TTL or the time of the rows depends`;
    }
  }
  const view = [...views.values()].flat().find(({ source, view }) =>
    (source === tableName(here.id) || partners.get(source)?.has(tableName(here.id))) &&
    mentions(view.select, here, column.name)
  );
  return view === undefined
    ? null
    : `${names}, which view ${
      tableName(view.view.id)
    } reads: what it makes of a row would not be the same at both sites`;
}

function nothingLeft({ here }: TablePair, named: readonly Column[]): string | null {
  const left = here.columns.some((column) => isGiven(column) && !named.includes(column));
  return left ? null : "names all columns of the table: nothing is left to compare";
}

function isNamed({ id }: Pick<Table, "id">, { name }: Column, patterns: readonly string[]): boolean {
  return patterns.length > 0 && isExcluded(`${id.database}.${id.name}.${name}`, patterns);
}

function isTime(table: Table, column: Column, timeColumns: Patterns["timeColumns"]): boolean {
  const said = saidOf(table, column, timeColumns);
  return said !== undefined && said.unit !== "none";
}

/** Columns that the engine clause (keys, TTL, arguments), TTLs of columns and the time axis read, or compute from. */
function definingNames(table: Table, timeColumns: Patterns["timeColumns"]): Set<string> {
  const found = new Set<string>();
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const visit = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    const computed = byName.get(name)?.defaultExpression ?? "";
    if (computed !== "") { for (const read of namesIn(computed).names) visit(read); }
  };
  const read = [
    table.engineFull,
    ...[...table.rules.columns].flatMap(([, rules]) =>
      rules.map(({ written: { expression, where } }) => `${expression} ${where ?? ""}`)
    ),
  ];
  for (const sql of read) for (const name of namesIn(sql).names) visit(name);
  for (const column of table.columns) {
    if (column.inPartitionKey || column.inSortingKey || isTime(table, column, timeColumns)) {
      visit(column.name);
    }
  }
  return found;
}

/** Whether a SELECT reads a column, perhaps as one of all, or what is computed from it. */
function mentions(select: string, { columns }: Pick<Table, "columns">, column: string): boolean {
  const computed = columns.filter(({ defaultKind }) =>
    defaultKind === "MATERIALIZED" || defaultKind === "ALIAS"
  )
    .map(({ name, defaultExpression }) => ({ name, names: namesIn(defaultExpression).names }));
  const found = new Set([column]);
  for (const one of found) { // grows meanwhile
    for (const { name, names } of computed) if (names.includes(one)) found.add(name);
  }
  return [...found].some((name) => reads(select, name));
}

/** `*` in place of all columns, but in `count(*)`, which reads none. */
const ALL_COLUMNS =
  /\bSELECT\s+(?:ALL\s+|DISTINCT\s+(?:ON\s*\([^)]*\)\s*)?)?\*|[,.]\s*\*|(?<!\bcount\s*)\(\s*\*|\bCOLUMNS\s*\(/i;

function reads(select: string, column: string): boolean {
  return ALL_COLUMNS.test(select) ||
    namesIn(select).names.some((name) => isOf(column, name) || name.endsWith(`.${column}`));
}

/** Whether a name is that of the column, or of something in it. */
function isOf(column: string, name: string): boolean {
  return name === column || name.startsWith(`${column}.`);
}
