/** Which targets a repair looks at before it feeds the views of a table. */
import { type FedTarget, type FedWay, namesGiven } from "../../model/derived_view.ts";
import type { Column, Table, TablePair } from "../../model/table.ts";
import type { ExamineContext } from "../plan/examine_context.ts";
import { withExpiry } from "../tables/column_expiry.ts";
import { computedColumns, unstableColumns } from "../tables/made_up_values.ts";
import { compareSchemas } from "../tables/schema_drift.ts";
import { pairTables } from "../tables/shared_rules.ts";
import { findTimeAxis } from "../tables/time_axis.ts";
import { type FedBy, givenBy, type TargetShape, targetShape, type Upstream } from "./target_shape.ts";

/**
 * Those of which it can be told what the views make of the rows, views of views included. Where the active site's target need not
 * hold the same, or is not compared, this site's alone tells whether it holds them.
 */
export function fedTargets(source: TablePair, upstream: Upstream, context: ExamineContext): FedWay[] {
  return waysFrom(source.name, upstream, context, new Set());
}

/** Names of those of which the repair will know for certain. */
export function namesOf(ways: readonly FedWay[]): string[] {
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
    if (!first || path.has(target) || upstream.holding.has(target)) return [];
    const next = waysFrom(target, upstream, context, new Set([...path, source, target]));
    const keeps = upstream.unread.has(target) || upstream.tables.has(target);
    return targetOf(target, fedBy, all, next, upstream, context) ??
      (next.length === 0 && !keeps
        ? []
        : [{ by: "nothing", keeps, views: given(fedBy, null), through: first.view.target, next }]);
  });
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
function comparedPair(target: string, { pairs, unprovable, zones }: ExamineContext): TablePair | null {
  const pair = pairs.find(({ name }) => name === target);
  return pair && !unprovable.has(target) && compareSchemas(pair, zones).length === 0 ? pair : null;
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
