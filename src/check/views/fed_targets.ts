/** Which targets a repair looks at before it feeds the views of a table. */
import { type FedTarget, namesGiven } from "../../model/derived_view.ts";
import type { Table, TablePair } from "../../model/table.ts";
import type { ExamineContext } from "../plan/examine_context.ts";
import { withExpiry } from "../tables/column_expiry.ts";
import { compareSchemas } from "../tables/schema_drift.ts";
import { pairTables } from "../tables/shared_rules.ts";
import { findTimeAxis } from "../tables/time_axis.ts";
import { type FedBy, givenBy, type TargetShape, targetShape, type Upstream } from "./target_shape.ts";

/**
 * Those of which it can be told what the views make of the rows, views of views included. Where the active site's target need not
 * hold the same, or is not compared, this site's alone tells whether it holds them.
 */
export function fedTargets(source: TablePair, upstream: Upstream, context: ExamineContext): FedTarget[] {
  return targetsOf(source.name, upstream, context, new Set());
}

/** Names of those of which the repair will know for certain. */
export function namesOf(targets: readonly FedTarget[]): string[] {
  return targets.flatMap(({ pair, next, steady }) => [...steady ? [pair.name] : [], ...namesOf(next)]);
}

function targetsOf(
  source: string,
  upstream: Upstream,
  context: ExamineContext,
  path: ReadonlySet<string>,
): FedTarget[] {
  return [...upstream.views].flatMap(([target, all]): FedTarget[] => {
    const views = all.filter((view) => view.source === source);
    const table = upstream.tables.get(target);
    if (views.length === 0 || !table || path.has(target)) return [];
    const compared = comparedPair(target, context);
    const { moment, settings: { settleSeconds } } = context;
    const pair = compared ?? withExpiry(pairTables(target, table, table), moment.now);
    const shape = targetShape(pair, upstream);
    const by = comparedBy(shape, pair.here, all);
    if (by === null) return [];
    return [{
      views: views.map((fed) => ({ source, view: fed.view, columns: takenColumns(pair, fed) })),
      pair,
      by,
      against: compared && shape.doubt === null ? "both" : "here",
      steady: shape.steady,
      given: [...givenBy(views)],
      scope: { axis: findTimeAxis(pair.here), moment, quiet: true, settleSeconds, ttls: pair.deletes },
      next: targetsOf(target, upstream, context, new Set([...path, source, target])),
    }];
  });
}

/** The target at both sites, where they can be held against each other. */
function comparedPair(target: string, { pairs, unprovable, zones }: ExamineContext): TablePair | null {
  const pair = pairs.find(({ name }) => name === target);
  return pair && !unprovable.has(target) && compareSchemas(pair, zones).length === 0 ? pair : null;
}

/** Null: what is made of some rows cannot be told from what is made of others. */
function comparedBy(
  shape: TargetShape,
  { mergeRule }: Table,
  fedBy: readonly FedBy[],
): FedTarget["by"] | null {
  if (shape.method === "engine") return "engine";
  if (shape.method === "groups") return shape.columns;
  switch (mergeRule.kind) {
    case "keep":
      // Rows that were put together by the insert are other rows if they are put together again.
      return fedBy.some(({ kind }) => kind.kind === "groups" || (kind.kind === "unknown" && kind.together))
        ? null
        : "rows";
    case "replace":
    case "coalesce":
      return "again";
    default:
      return null;
  }
}

/** A view puts its columns where the target has the same names; the rest is made by defaults. */
function takenColumns({ here }: TablePair, { kind }: FedBy): string[] {
  const taken = new Set(
    here.columns.filter(({ defaultKind }) => defaultKind === "" || defaultKind === "DEFAULT").map((
      { name },
    ) => name),
  );
  return namesGiven(kind).filter((name) => taken.has(name));
}
