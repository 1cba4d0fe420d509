/** Reading from the engine clause what an engine does to rows when it merges. */
import type { MergeRule } from "../../model/merge_rule.ts";
import { parseEngineClause, splitArguments, unquote } from "../sql/engine_clause.ts";

/** @param engineFull as `system.tables.engine_full` prints it */
export function mergeRule(engineFull: string): MergeRule {
  const { engine } = parseEngineClause(engineFull);
  const open = engine.indexOf("(");
  const name = (open < 0 ? engine : engine.slice(0, open)).replace(/^(Replicated|Shared)/, "");
  // Replicated engines have the path and the replica's name in front, as text.
  const args = (open < 0 ? [] : splitArguments(engine.slice(open + 1, -1))).filter((arg) => !/^'/.test(arg));
  const columns = args.map(unquote);
  switch (name) {
    case "MergeTree":
      return { kind: "keep" };
    case "ReplacingMergeTree":
      // A second argument, is_deleted, marks rows that FINAL hides: content like any other.
      return { kind: "replace", version: columns[0] ?? null };
    case "CollapsingMergeTree":
    case "VersionedCollapsingMergeTree":
      return columns[0] === undefined
        ? { kind: "other" }
        : { kind: "collapse", sign: columns[0], versioned: name === "VersionedCollapsingMergeTree" };
    case "CoalescingMergeTree":
      return columns.length === 0 ? { kind: "coalesce" } : { kind: "other" };
    case "SummingMergeTree":
      return { kind: "sum", columns: columns.length === 0 ? null : sumColumns(args) };
    case "AggregatingMergeTree":
      return { kind: "aggregate" };
    default:
      return { kind: "other" };
  }
}

/** `SummingMergeTree(a)` or `SummingMergeTree((a, b))`. */
function sumColumns(args: readonly string[]): string[] {
  return args.flatMap((arg) => arg.startsWith("(") ? splitArguments(arg.slice(1, -1)) : [arg]).map(unquote);
}
