/**
 * Which tables are fed by views from tables that are compared. A repaired row passes through the views once, as an
 * inserted row would, so copying their targets as well would count it twice.
 */
import type { FeedingView } from "../../model/derived_view.ts";
import type { Catalog, TableId, TablePair } from "../../model/table.ts";
import { tableName } from "../../model/table.ts";
import { QUOTED_NAME, QUOTED_STRING, unquote } from "../../text/quoted.ts";
import { innerTables } from "../tables/inner_tables.ts";

/** Names of the direct sources of each table that a view of this site fills on insert. */
export type Sources = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Reads, from `dependencies_table` of the sources, which table fills which through a view. Rows also pass through tables
 * that keep none: Null tables that feed views, and Buffer, Distributed and TimeSeries tables, which put them elsewhere.
 */
export function viewSources(catalog: Catalog): Sources {
  const { tables, views, others } = catalog;
  const sources = new Map<string, Set<string>>();
  const add = (source: string, target: TableId) => {
    const of = sources.get(tableName(target)) ?? new Set();
    sources.set(tableName(target), of.add(source));
  };
  for (const [source, { feeds }] of [...tables, ...others]) {
    for (const viewId of feeds) {
      const view = views.get(tableName(viewId));
      if (view && !view.refreshable) add(source, view.target);
    }
  }
  for (const [name, { writesTo }] of others) for (const target of writesTo) add(name, target);
  for (const [name, { owner }] of innerTables(catalog)) {
    if (others.has(owner)) add(owner, tables.get(name)!.id);
  }
  return sources;
}

/** The views that fill each table of this site on insert, by the name of the table. */
export function feedingViews({ tables, views, others }: Catalog): Map<string, FeedingView[]> {
  const found = new Map<string, FeedingView[]>();
  for (const [source, { feeds }] of [...tables, ...others]) {
    for (const id of feeds) {
      const view = views.get(tableName(id));
      if (!view || view.refreshable) continue;
      const target = tableName(view.target);
      found.set(target, [...found.get(target) ?? [], { source, view }]);
    }
  }
  return found;
}

/**
 * Partners without those that wait, through views or partners of their own, for the very table that would wait for them. In such
 * a circle nothing could ever be first. Rows then find what the partner holds by now; the partner's own rows find theirs later.
 */
export function withoutCircles(partners: Sources, sources: Sources): Sources {
  const before = new Map(
    [...partners.keys(), ...sources.keys()].map((name): [string, ReadonlySet<string>] => [
      name,
      new Set([...partners.get(name) ?? [], ...sources.get(name) ?? []]),
    ]),
  );
  return new Map(
    [...partners].map(([name, all]) => [
      name,
      new Set([...all].filter((partner) => !allSources(partner, before).has(name))),
    ]),
  );
}

/**
 * The tables that views of each source read besides it, by the name of the source. They must be whole before a repaired
 * row passes through the view, or it finds no partner in the join. A table counts as read if the view's statement has
 * its name, behind that of its database or, in the view's own database, alone: databases with tables of the same names
 * (one for each tenant, say) would otherwise wait for each other for ever. So does one that it reads by another name, such as that of a
 * plain view.
 *
 * @param names of the tables that are compared
 */
export function joinPartners(catalog: Catalog, names: ReadonlySet<string>): Sources {
  const { tables, others, views } = catalog;
  const partners = new Map<string, Set<string>>();
  for (const [source, { feeds }] of [...tables, ...others]) {
    for (const view of feeds.map((id) => views.get(tableName(id)))) {
      if (!view || view.refreshable) continue;
      const own = filledThrough(view.target, others).add(source);
      // What is behind the source is not what the view reads.
      for (const name of namesRead(view.createQuery, view.id.database, catalog, new Set([source]))) {
        if (own.has(name) || !names.has(name) || !tables.has(name)) continue;
        partners.set(source, (partners.get(source) ?? new Set()).add(name));
      }
    }
  }
  return partners;
}

/** A table, and those to which it hands on what is put into it. */
function filledThrough(id: TableId, others: Catalog["others"], found = new Set<string>()): Set<string> {
  const name = tableName(id);
  if (found.has(name)) return found;
  found.add(name);
  for (const into of others.get(name)?.writesTo ?? []) filledThrough(into, others, found);
  return found;
}

/** What a statement names, and what is behind that: behind plain views and aliases, in materialized views, and where tables put rows. */
function namesRead(
  sql: string,
  database: string,
  catalog: Pick<Catalog, "views" | "others" | "readAs">,
  found = new Set<string>(),
): Set<string> {
  const visit = (id: TableId) => {
    const name = tableName(id);
    if (found.has(name)) return;
    found.add(name);
    const target = catalog.views.get(name)?.target;
    for (const behind of [target ?? [], catalog.others.get(name)?.writesTo ?? []].flat()) visit(behind);
    const read = catalog.readAs.get(name);
    if (read) namesRead(read.text, read.database, catalog, found);
  };
  for (const id of namesIn(sql, database)) visit(id);
  return found;
}

const NAME = String.raw`(?:${QUOTED_NAME}|[A-Za-z_]\w*)`;
const NAMES = new RegExp(NAME, "g");
const STRINGS_AND_NAMES = new RegExp(String.raw`${QUOTED_STRING}|${NAME}(?:\s*\.\s*${NAME})*`, "g");
const NAMED_IN_STRING = /(?:`[^`]*`|\w+)(?:\.(?:`[^`]*`|\w+))*/g;

/**
 * What may be the name of a table in a statement: `database.table`, and what stands alone or before a column's name. Also in a string:
 * `joinGet('database.table', …)`. A quote or a backtick in one opens nothing.
 */
function* namesIn(sql: string, database: string): Iterable<TableId> {
  for (const [found] of sql.matchAll(STRINGS_AND_NAMES)) {
    const dotted = found.startsWith("'") ? found.matchAll(NAMED_IN_STRING) : [[found]];
    for (const [one] of dotted) yield* tablesNamed(one!, database);
  }
}

function* tablesNamed(dotted: string, database: string): Iterable<TableId> {
  const [first, second] = [...dotted.matchAll(NAMES)].map(([name]) => unquote(name));
  if (first === undefined) return;
  yield { database, name: first };
  if (second !== undefined) yield { database: first, name: second };
}

/**
 * The tables that are not compared row by row, because repairs of their sources feed them: those with a source among
 * `compared`, directly or through other tables. A table whose sources are all excluded, absent at the other site, or
 * without rows of their own (Null, Kafka) is an ordinary table. So is one in a cycle of views, which would otherwise
 * never be compared.
 *
 * @param compared names of the tables that exist at both sites and are not excluded
 */
export function derivedTables(sources: Sources, compared: ReadonlySet<string>): Set<string> {
  return new Set(
    [...sources.keys()].filter((target) => {
      const upstream = allSources(target, sources);
      return !upstream.has(target) && [...upstream].some((source) => compared.has(source));
    }),
  );
}

/** How tables of a site are filled: what puts rows into each of them, and those that a view itself fills. */
export interface Feeding {
  readonly sources: Sources;
  readonly views: ReadonlyMap<string, unknown>;
}

/**
 * Names of pairs of which the table at the active site is filled by views, and the one here by none. A Buffer or Distributed table
 * hands on what was written to it: that fills a table with rows of a view only if one fills the former.
 */
export function fedThereOnly(here: Feeding, there: Feeding, pairs: Iterable<TablePair>): Set<string> {
  const isFed = (name: string, { sources, views }: Feeding) =>
    [name, ...allSources(name, sources)].some((one) => views.has(one));
  return new Set(
    [...pairs].filter((pair) => isFed(tableName(pair.there.id), there) && !isFed(pair.name, here)).map((
      { name },
    ) => name),
  );
}

/** The sources of a table, their sources, and so on. */
export function allSources(target: string, sources: Sources): Set<string> {
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

/** `names` with every table after those that `before` names for it; otherwise in the order of the names. */
export function sourcesFirst(names: Iterable<string>, before: readonly Sources[]): string[] {
  const wanted = new Set([...names].sort());
  const ordered = new Set<string>();
  const visit = (name: string, path: ReadonlySet<string>) => {
    if (ordered.has(name) || path.has(name)) return;
    const first = before.flatMap((edges) => [...edges.get(name) ?? []]).sort();
    for (const source of first) visit(source, new Set([...path, name]));
    if (wanted.has(name)) ordered.add(name);
  };
  for (const name of wanted) visit(name, new Set());
  return [...ordered];
}
