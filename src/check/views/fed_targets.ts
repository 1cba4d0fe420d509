/** Which targets a repair looks at before it feeds the views of a table. */
import type { FedTarget } from "../../model/derived_view.ts";
import type { TablePair } from "../../model/table.ts";
import type { ExamineContext } from "../plan/examine_context.ts";
import { compareSchemas } from "../tables/schema_drift.ts";
import { findTimeAxis } from "../tables/time_axis.ts";
import { type FedBy, targetShape, type Upstream } from "./target_shape.ts";

/**
 * Those of which it can be told what the views make of the rows, views of views included: what fills them makes the same of
 * the same rows, and both sites have them alike.
 */
export function fedTargets(source: TablePair, upstream: Upstream, context: ExamineContext): FedTarget[] {
  return targetsOf(source.name, upstream, context, new Set());
}

export function namesOf(targets: readonly FedTarget[]): string[] {
  return targets.flatMap(({ pair, next }) => [pair.name, ...namesOf(next)]);
}

function targetsOf(
  source: string,
  upstream: Upstream,
  context: ExamineContext,
  path: ReadonlySet<string>,
): FedTarget[] {
  return [...upstream.views].flatMap(([target, all]): FedTarget[] => {
    const views = all.filter((view) => view.source === source);
    if (views.length === 0) return [];
    const pair = context.pairs.find(({ name }) => name === target);
    if (!pair || path.has(target) || context.unprovable.has(target)) return [];
    const by = comparedBy(pair, upstream);
    if (by === null || compareSchemas(pair, context.zones).length > 0) return [];
    const { moment, settings: { settleSeconds } } = context;
    return [{
      views: views.map((fed) => ({ source, view: fed.view, columns: givenColumns(pair, fed) })),
      pair,
      by,
      scope: { axis: findTimeAxis(pair.here), moment, quiet: true, settleSeconds, ttls: pair.deletes },
      next: targetsOf(target, upstream, context, new Set([...path, source, target])),
    }];
  });
}

function comparedBy(pair: TablePair, upstream: Upstream): FedTarget["by"] | null {
  const shape = targetShape(pair, upstream);
  if (shape.doubt !== null) return null;
  if (shape.method === "engine") return "engine";
  if (shape.method === "groups") return shape.columns;
  switch (pair.here.mergeRule.kind) {
    case "keep":
      return "rows";
    case "replace":
    case "coalesce":
      return "again";
    default:
      return null;
  }
}

/** A view puts its columns where the target has the same names; the rest is made by defaults. */
function givenColumns({ here }: TablePair, { kind }: FedBy): string[] {
  const taken = new Set(
    here.columns.filter(({ defaultKind }) => defaultKind === "" || defaultKind === "DEFAULT").map((
      { name },
    ) => name),
  );
  return kind.kind === "unknown"
    ? []
    : kind.columns.map(({ name }) => name).filter((name) => taken.has(name));
}
