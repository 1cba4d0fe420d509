/** SummingMergeTree: the rows of a key become one, in which numbers are added up. */
import type { Column } from "../../model/table.ts";
import { unquote } from "../../text/quoted.ts";
import { splitArguments } from "../sql/engine_clause.ts";
import { identifier } from "../sql/quoting.ts";
import { type Aggregate, aggregates, anyOf, mergedState } from "./aggregating.ts";
import { isNumber } from "./put_together.ts";
import { type MergingEngine, type ParseEngine, type RuleOf, sortingKeyHashes } from "./merging_engine.ts";

/** `SummingMergeTree`, `SummingMergeTree(a)` or `SummingMergeTree((a, b))`. */
export const parseSumming: ParseEngine<"sum"> = (name, args) => {
  if (name !== "SummingMergeTree") return null;
  const columns = args.flatMap((arg) => arg.startsWith("(") ? splitArguments(arg.slice(1, -1)) : [arg]);
  return { kind: "sum", columns: args.length === 0 ? null : columns.map(unquote) };
};

export function summing({ columns }: RuleOf<"sum">): MergingEngine {
  return {
    keyHashes: sortingKeyHashes,
    mergedRows: (request, from) => aggregates(request, from, (column) => summed(column, columns)),
    missing: null,
  };
}

function summed(column: Column, listed: readonly string[] | null): Aggregate {
  const { name, type, inPartitionKey } = column;
  const wanted = listed === null ? !inPartitionKey : listed.includes(name);
  // Of a list, states that are not on it are not merged.
  if (type.includes("AggregateFunction(") && (listed === null || wanted)) return mergedState(column);
  return wanted && isNumber(type)
    ? { value: `sum(${identifier(name)})`, vanishes: true, state: false }
    : anyOf(column);
}
