/** The engines of the MergeTree family: the list of those that ch-sync knows. */
import type { MergeRule } from "../../model/merge_rule.ts";
import type { Column, Table } from "../../model/table.ts";
import { parseEngineClause, splitArguments } from "../sql/engine_clause.ts";
import { addingAgain, mayAddAgain } from "./adding_again.ts";
import { aggregating, parseAggregating } from "./aggregating.ts";
import { coalescing, parseCoalescing } from "./coalescing.ts";
import { collapsing, parseCollapsing } from "./collapsing.ts";
import type { MergingEngine, ParseEngine } from "./merging_engine.ts";
import { parseReplacing, replacing } from "./replacing.ts";
import { parseSumming, summing } from "./summing.ts";

type MergingKind = Exclude<MergeRule["kind"], "keep" | "other">;

const PARSERS: { readonly [Kind in MergingKind]: ParseEngine<Kind> } = {
  replace: parseReplacing,
  collapse: parseCollapsing,
  coalesce: parseCoalescing,
  sum: parseSumming,
  aggregate: parseAggregating,
};

/**
 * What the engine does to rows of equal key.
 *
 * @param engineFull as `system.tables.engine_full` prints it
 * @param table what else tells it
 */
export function mergeRule(engineFull: string, table: Pick<Table, "columns" | "feeds">): MergeRule {
  const rule = ruleOf(engineFull);
  const elements = /allow_tuple_element_aggregation = (?:1|true)/.test(
    parseEngineClause(engineFull).settings ?? "",
  );
  if (isPutTogetherOtherwise(rule, table.columns, elements)) {
    return rule.kind === "coalesce" ? { kind: "other" } : { kind: "other", adds: true };
  }
  return rule.kind === "aggregate" ? { ...rule, again: mayAddAgain(table) } : rule;
}

/**
 * Whether the engine adds up what is taken for a value here of which any, or the last one, stays.
 *
 * @param elements whether it does so with the elements of tuples
 */
function isPutTogetherOtherwise({ kind }: MergeRule, columns: readonly Column[], elements: boolean): boolean {
  const tuples = elements && columns.some(({ type }) => /^(?:Nullable\()?Tuple\(/.test(type));
  switch (kind) {
    case "sum":
      return tuples || addsMapsUp(columns);
    case "coalesce":
      return tuples || columns.some(({ type }) => type.includes("AggregateFunction("));
    case "aggregate":
      return tuples;
    default:
      return false;
  }
}

/** Whether there is a Nested `…Map` of numbers by a key, its first column, or by several: `visitsMap.browserID`, `visitsMap.hits`. */
function addsMapsUp(columns: readonly Column[]): boolean {
  const nested = Map.groupBy(columns, ({ name }) => /^(.*Map)\.[^.]+$/.exec(name)?.[1] ?? "");
  nested.delete("");
  return [...nested.values()].some(([_, ...others]) => {
    const values = others.filter(({ name }) => !/(?:ID|Key|Type)$/.test(name));
    return values.length > 0 &&
      values.every(({ type }) => /^Array\((?:U?Int|Float|BFloat|Decimal)/.test(type));
  });
}

function ruleOf(engineFull: string): MergeRule {
  const { engine } = parseEngineClause(engineFull);
  const open = engine.indexOf("(");
  const name = (open < 0 ? engine : engine.slice(0, open)).replace(/^(Replicated|Shared)/, "");
  if (name === "MergeTree") return { kind: "keep" };
  const args = engineArguments(engineFull);
  const rules = Object.values(PARSERS).map((parse) => parse(name, args));
  return rules.find((rule) => rule !== null) ?? { kind: "other" };
}

/** What stands in the engine's brackets. Replicated ones have the path and the replica's name in front, as text. */
export function engineArguments(engineFull: string): readonly string[] {
  const { engine } = parseEngineClause(engineFull);
  const open = engine.indexOf("(");
  const args = open < 0 ? [] : splitArguments(engine.slice(open + 1, -1)).filter((arg) => !/^'/.test(arg));
  return args.map(withoutBrackets);
}

/** Servers from 26.5 on print `ReplacingMergeTree((version))` where it was written so, and from 26.3 on `tuple(a, b)`. */
function withoutBrackets(arg: string): string {
  const bare = /^\(([^()]*)\)$/.exec(arg)?.[1];
  return bare !== undefined && splitArguments(bare).length === 1 ? bare : arg.replace(/^tuple\(/, "(");
}

/** Null: the engine keeps every row, or what it does to them is not known. */
export function mergingEngine(rule: MergeRule, columns: readonly Column[]): MergingEngine | null {
  switch (rule.kind) {
    case "keep":
    case "other":
      return null;
    case "replace":
      return replacing(rule);
    case "collapse":
      return collapsing(rule);
    case "coalesce":
      return coalescing();
    case "sum":
      return summing(rule);
    case "aggregate":
      return rule.again ? addingAgain(columns) : aggregating();
  }
}
