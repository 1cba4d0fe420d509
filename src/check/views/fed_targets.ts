/** What the rows of a repair would feed: targets to look at first, and such as would be fed the same rows twice. */
import { type FedTarget, type FedWay, namesGiven } from "../../model/derived_view.ts";
import type { Partitions } from "../../model/partition.ts";
import type { Finding } from "../../model/report.ts";
import type { Column, Table, TableId, TablePair } from "../../model/table.ts";
import type { ExamineContext } from "../plan/examine_context.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import { withExpiry } from "../tables/column_expiry.ts";
import { computedColumns, unstableColumns } from "../tables/made_up_values.ts";
import { pairTables } from "../tables/shared_rules.ts";
import { findTimeAxis } from "../tables/time_axis.ts";
import { allSources } from "./derived_tables.ts";
import {
  type FedBy,
  givenBy,
  type TargetShape,
  targetShape,
  type Upstream,
  viewsInto,
} from "./target_shape.ts";

/** What a repair of a table would feed. */
export interface Feeds {
  /**
   * Those of which it can be told what the views make of the rows, views of views included. Where the active site's target
   * need not hold the same, or is not compared, this site's alone tells whether it holds them.
   */
  readonly targets: readonly FedWay[];
  /**
   * The partitions here of the tables that views fill from this table and from no other compared one, without those of which
   * the repair itself will tell what they hold.
   */
  readonly filled: ReadonlyMap<string, Partitions>;
}

/** @param source name of the table that is repaired */
export async function feedsOf(
  { here }: Pick<CheckPorts, "here">,
  source: string,
  context: ExamineContext,
): Promise<Feeds> {
  const targets = waysFrom(source, await context.upstream(), context, new Set());
  const filled = filledBy(source, context, new Set(namesOf(targets)));
  return { targets, filled: await here.partitions(filled) };
}

/**
 * A partition that is absent here, although the rows that only its views can have made are here, was dropped here: its
 * rows would pass through the views a second time.
 *
 * @returns why the repair is refused; null: it is not
 */
export function refuseFedTwice(found: Finding, { filled }: Feeds): Finding | null {
  const target = [...filled].find(([, partitions]) => partitions.get(found.partitionId ?? "")?.rows)?.[0];
  if (target === undefined) return null;
  const detail =
    `${found.detail}, but the same partition of ${target}, which views fill from this table, is not: the rows were ` +
    `dropped here, and would be counted twice. Drop that partition of ${target} here as well, so that both are repaired`;
  return { ...found, reason: "views", cause: "fed_before", detail, repair: null, sql: [] };
}

/** Tables that views fill from this one and from no other compared one. @param asked names of targets that are left out */
function filledBy(
  source: string,
  { sources, derived, compared }: Pick<ExamineContext, "sources" | "derived" | "compared">,
  asked: ReadonlySet<string>,
): TableId[] {
  const filled = [...derived].filter(([target]) => {
    if (asked.has(target)) return false;
    const upstream = [...allSources(target, sources)].filter((name) =>
      compared.has(name) && !derived.has(name)
    );
    return upstream.length === 1 && upstream[0] === source;
  });
  return filled.map(([, id]) => id);
}

/** Names of those of which the repair will know for certain. */
function namesOf(ways: readonly FedWay[]): string[] {
  return ways.flatMap((way) => [
    ...way.by !== "nothing" && (way.steady || comesAgain(way)) ? [way.pair.name] : [],
    ...namesOf(way.next),
  ]);
}

/** Fed once more, it holds what it held. */
function comesAgain({ by, redrawn, pair: { here: { mergeRule } } }: FedTarget): boolean {
  return by === "again" || (!redrawn && by === "engine" && mergeRule.kind === "aggregate" && mergeRule.again);
}

function waysFrom(
  source: string,
  upstream: Upstream,
  context: ExamineContext,
  path: ReadonlySet<string>,
): FedWay[] {
  return [...upstream.views].flatMap(([target, all]): FedWay[] => {
    const fedBy = all.filter((view) => view.source === source);
    const [first] = fedBy;
    if (!first || path.has(target)) return [];
    const behind = upstream.holding.get(target);
    if (behind !== undefined) {
      return behind === null ? [] : rowsBehind(behind, fedBy, upstream, context);
    }
    const next = waysFrom(target, upstream, context, new Set([...path, source, target]));
    const keeps = upstream.unread.has(target) || upstream.tables.has(target);
    return targetOf(target, fedBy, all, next, upstream, context) ??
      (next.length === 0 && !keeps
        ? []
        : [{ by: "nothing", keeps, views: given(fedBy, null), through: first.view.target, next }]);
  });
}

/**
 * The table behind a Buffer, where views put rows of their own for each row: such a row tells for itself whether it is there. What is put
 * together, or made of these in turn, does not, as long as some of it may wait in the Buffer.
 */
function rowsBehind(
  target: string,
  fedBy: readonly FedBy[],
  upstream: Upstream,
  context: ExamineContext,
): FedTarget[] {
  if (fedBy.some(({ kind }) => kind.kind !== "rows")) return [];
  const ways = targetOf(target, fedBy, viewsInto(target, upstream), [], upstream, context) ?? [];
  // What the active site's table lacks may wait in its own Buffer.
  return ways.filter(({ by }) => by === "rows").map((way) => ({ ...way, against: "here" }));
}

/** Null: it cannot be told what is in it. */
function targetOf(
  target: string,
  fedBy: readonly FedBy[],
  all: readonly FedBy[],
  next: readonly FedWay[],
  upstream: Upstream,
  context: ExamineContext,
): FedTarget[] | null {
  const table = upstream.tables.get(target);
  if (!table) return null;
  const compared = comparedPair(target, context);
  const { moment, settings: { settleSeconds, timeColumns } } = context;
  const pair = compared ?? withExpiry(pairTables(target, table, table), moment.now);
  const shape = targetShape(pair, upstream);
  const redrawn = redrawnKeys(pair.here, all, upstream);
  const by = comparedBy(shape, pair.here, all, redrawn);
  const same = by === "set" ? sameBy(fedBy) : givenBy(fedBy);
  if (by === "set" && !comparedColumns(pair.here).some(({ name }) => same.has(name))) return null;
  return [{
    by,
    views: given(fedBy, pair.here),
    beside: given(
      all.filter((view) => !fedBy.includes(view) && upstream.tables.has(view.source)),
      pair.here,
    ),
    pair,
    against: compared === null ? "here" : shape.doubt === null ? "both" : "either",
    steady: shape.steady,
    redrawn,
    given: [...same],
    scope: {
      axis: findTimeAxis(pair.here, timeColumns),
      moment,
      quiet: true,
      settleSeconds,
      ttls: pair.deletes,
    },
    next,
  }];
}

/** The target at both sites, where they can be held against each other. */
function comparedPair(target: string, { pairs, unprovable, refused }: ExamineContext): TablePair | null {
  const pair = pairs.find(({ name }) => name === target);
  const cause = refused.get(target)?.cause;
  // Only drift makes their rows other rows; whether there is any is not known of a table that failed.
  const alike = cause !== "drifted" && cause !== "failed";
  return pair && !unprovable.has(target) && alike ? pair : null;
}

function comparedBy(
  shape: TargetShape,
  { mergeRule }: Table,
  fedBy: readonly FedBy[],
  redrawn: boolean,
): FedTarget["by"] {
  // Rows that were put together by the insert are other rows if they are put together again.
  const rows = fedBy.some(({ kind }) => kind.kind === "groups" || (kind.kind === "unknown" && kind.together))
    ? "set"
    : "rows";
  if (shape.method === "engine") return "engine";
  if (shape.method === "groups") return shape.columns;
  switch (mergeRule.kind) {
    case "keep":
      return rows;
    case "replace":
    case "coalesce":
      return redrawn ? rows : "again";
    default:
      return "set";
  }
}

/** Names of the columns that do not depend on which rows came together. */
function sameBy(fedBy: readonly FedBy[]): Set<string> {
  const keys = ({ kind }: FedBy) =>
    kind.kind === "groups" ? kind.columns.filter(({ role }) => role === "key").map(({ name }) => name) : null;
  return fedBy.reduce((all, one) => {
    const only = keys(one);
    return only === null ? all : all.intersection(new Set(only));
  }, givenBy(fedBy));
}

/** Whether a view, or a default of the target, draws what rows are merged by. */
function redrawnKeys({ columns }: Table, fedBy: readonly FedBy[], { unsteady }: Upstream): boolean {
  const steady = givenBy(fedBy);
  const given = (name: string) => fedBy.some(({ kind }) => namesGiven(kind).includes(name));
  const left = new Set(computedColumns(columns).filter((name) => !given(name)));
  const drawn = new Set(unstableColumns(columns, left, unsteady).map(({ name }) => name));
  return columns.some(({ name, inSortingKey }) =>
    inSortingKey && (drawn.has(name) || (given(name) && !steady.has(name)))
  );
}

/** A view puts its columns where the target has the same names; the rest is made by defaults. @param table null: not known */
function given(fedBy: readonly FedBy[], table: Table | null): FedTarget["views"] {
  const stored = table && new Set(comparedColumns(table).map(({ name }) => name));
  return fedBy.map(({ source, view, kind }) => ({
    source,
    view,
    columns: namesGiven(kind).filter((name) => stored === null || stored.has(name)),
  }));
}

function comparedColumns({ columns }: Table): Column[] {
  return columns.filter(({ defaultKind }) => defaultKind === "" || defaultKind === "DEFAULT");
}
