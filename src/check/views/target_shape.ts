/** How the target of views is compared, and whether a difference proves anything. */
import { type FeedingView, namesGiven, type ViewColumn, type ViewKind } from "../../model/derived_view.ts";
import type { TimeColumn } from "../../model/settings.ts";
import { type Table, tableName, type TablePair } from "../../model/table.ts";
import { computedColumns, unstableColumns } from "../tables/made_up_values.ts";
import { findTimeAxis } from "../tables/time_axis.ts";

export interface TargetShape {
  /** Row by row as any table, by what its engine makes of the rows of a key, or by what the views group by. */
  readonly method: "rows" | "engine" | "groups";
  /** What the views give, where rows are put together by that. */
  readonly columns: readonly ViewColumn[];
  /** Why the same source rows may have made something else at each site; null: they make the same. */
  readonly doubt: string | null;
  /** Whether the same source rows make the same here, now as when they came. */
  readonly steady: boolean;
  /** The time of a row is that of its source's row: it settles with it. */
  readonly settles: boolean;
}

export interface FedBy extends FeedingView {
  readonly kind: ViewKind;
}

/** What is known of the tables that views read. */
export interface Upstream {
  /** Tables of this site by name. */
  readonly tables: ReadonlyMap<string, Table>;
  /** By the names of their targets. */
  readonly views: ReadonlyMap<string, readonly FedBy[]>;
  /** Direct sources of each table, those that only pass rows on included. */
  readonly sources: ReadonlyMap<string, ReadonlySet<string>>;
  /** Buffer and Distributed tables, which put rows elsewhere; as in `Discovery`. */
  readonly holding: ReadonlyMap<string, string | null>;
  /** Of other engines, which keep rows that are not read. */
  readonly unread: ReadonlySet<string>;
  /** Names, in small letters, of functions that may return something else for the same arguments. */
  readonly unsteady: ReadonlySet<string>;
  /** What the operator says of columns by which rows settle. */
  readonly timeColumns: readonly TimeColumn[];
}

export function targetShape({ name, here, deletes, groups }: TablePair, upstream: Upstream): TargetShape {
  const fedBy = viewsInto(name, upstream);
  const doubts = fedBy.map((fed) => doubtOf(fed, upstream)).filter((doubt) => doubt !== null);
  const kinds = fedBy.map(({ kind }) => kind);
  const rule = here.mergeRule.kind;
  const [first, ...others] = kinds.flatMap((kind) => kind.kind === "groups" ? [kind.columns] : []);
  const grouped = first !== undefined && kinds.every(({ kind }) => kind === "groups");
  const alike = others.every((columns) => rolesOf(columns) === rolesOf(first ?? []));
  const shape = (method: TargetShape["method"], doubt: string | null): TargetShape => ({
    method,
    columns: method === "groups" ? first ?? [] : [],
    doubt: doubts[0] ?? madeUp(here, fedBy, upstream) ?? doubt,
    steady: doubts.length === 0,
    settles: method === "rows" && settles(name, here, upstream),
  });
  if (rule === "sum" || rule === "aggregate") return shape("engine", null);
  if (first === undefined) return shape("rows", null);
  if (rule !== "keep") {
    return shape("rows", `a view groups rows as they come, of which ${here.engine} keeps some`);
  }
  if (!grouped || !alike) return shape("rows", "views of several kinds fill it");
  return shape(
    "groups",
    deletes.length + groups.length === 0
      ? null
      : "its TTL takes rows of a key on each site as they came together there",
  );
}

/** Values that a default of the target gives to rows of views, at each site others. */
function madeUp({ columns }: Table, fedBy: readonly FedBy[], { unsteady }: Upstream): string | null {
  const isGiven = (name: string) => fedBy.every(({ kind }) => namesGiven(kind).includes(name));
  const left = new Set(computedColumns(columns).filter((name) => !isGiven(name)));
  const [first] = unstableColumns(columns, left, unsteady);
  return first === undefined
    ? null
    : `each site makes up values of ${first.name} (${first.defaultKind} ${first.defaultExpression})`;
}

/** Names of the columns that all of these views give, the same at any moment. */
export function givenBy(fedBy: readonly FedBy[]): Set<string> {
  const named = (kind: ViewKind) => kind.kind === "unknown" ? kind.steady : namesGiven(kind);
  const [first, ...others] = fedBy.map(({ kind }) => new Set(named(kind)));
  return others.reduce((all, names) => all.intersection(names), first ?? new Set());
}

function rolesOf(columns: readonly ViewColumn[]): string {
  return JSON.stringify(columns.map(({ name, role }) => [name, role]).sort());
}

/** The views that fill a table, also by way of a Buffer or a Distributed table. */
export function viewsInto(
  name: string,
  { views, sources }: Pick<Upstream, "views" | "sources">,
  path = new Set<string>(),
): FedBy[] {
  if (path.has(name)) return [];
  const direct = views.get(name) ?? [];
  const through = [...sources.get(name) ?? []].filter((source) =>
    !direct.some((fed) => fed.source === source)
  );
  return [
    ...direct,
    ...through.flatMap((source) => viewsInto(source, { views, sources }, path.add(name))),
  ];
}

function doubtOf({ source, view, kind }: FedBy, upstream: Upstream): string | null {
  const name = tableName(view.id);
  if (kind.kind === "unknown") return `of the view ${name}: ${kind.why}`;
  const rule = upstream.tables.get(source)?.mergeRule.kind ?? "keep";
  const before = viewsInto(source, upstream);
  const added = rule === "sum" || rule === "aggregate";
  if (rule !== "keep" && (before.length === 0 || !added)) {
    return `the view ${name} reads ${source}, whose engine drops or changes rows`;
  }
  const doubted = before.map((fed) => doubtOf(fed, upstream)).find((doubt) => doubt !== null);
  if (doubted !== undefined) return doubted;
  return before.every((fed) => fed.kind.kind === "rows" || addsUp(kind, fed.kind))
    ? null
    : `the view ${name} reads ${source}, whose rows stand for more or fewer others as they are inserted`;
}

/** Whether it does not matter in how many rows the view before put something: sums of sums, the lowest of the lowest. */
function addsUp(kind: ViewKind, before: ViewKind): boolean {
  if (kind.kind !== "groups" || before.kind !== "groups") return false;
  const roles = new Map(before.columns.map(({ name, role }) => [name, role]));
  const isKey = (name: string | null) => name !== null && roles.get(name) === "key";
  return kind.by.every(isKey) && kind.columns.every(({ role, of }) => {
    if (typeof role === "string") return role === "key";
    const then = of === null ? undefined : roles.get(of);
    const function_ = plainName(role.aggregate);
    if (typeof then !== "object") return isKey(of) && /^(?:min|max|uniq\w*|groupUniqArray)$/.test(function_);
    return function_ === plainName(then.aggregate)
      ? function_ !== "count"
      : function_ === "sum" && plainName(then.aggregate) === "count";
  });
}

/** The function without the endings that say what it reads and gives. */
function plainName(aggregate: string): string {
  return aggregate.replace(/(?:State|Merge|SimpleState)+$/, "");
}

/** Whether a row's time is that of the row that it was made of, at every step. */
function settles(name: string, table: Table, upstream: Upstream, path = new Set<string>()): boolean {
  const axis = findTimeAxis(table, upstream.timeColumns)?.column;
  const fedBy = viewsInto(name, upstream);
  if (axis === undefined || fedBy.length === 0 || path.has(name)) return false;
  return fedBy.every(({ source, kind }) => {
    const from = upstream.tables.get(source);
    if (kind.kind !== "rows" || from === undefined) return false;
    const of = kind.columns.find((column) => column.name === axis)?.of;
    const same = of !== undefined && of !== null && of === findTimeAxis(from, upstream.timeColumns)?.column;
    const derived = viewsInto(source, upstream).length > 0;
    return same && (!derived || settles(source, from, upstream, path.add(name)));
  });
}
