/** AggregatingMergeTree: the rows of a key become one, in which the states of aggregate functions are merged. */
import { hashable } from "./hashable.ts";
import type { Column } from "../../model/table.ts";
import { aggregateOf, inOrder, stateBeside } from "../sql/aggregate_type.ts";
import { canonicalColumn, comparedColumns } from "../sql/canonical_row.ts";
import { sql } from "../sql/layout.ts";
import { identifier } from "../sql/quoting.ts";
import { inScope } from "../sql/rows_in_scope.ts";
import {
  KEY,
  type MergedRequest,
  type MergingEngine,
  namedKey,
  type ParseEngine,
  sortingKeyHashes,
} from "./merging_engine.ts";

export const parseAggregating: ParseEngine<"aggregate"> = (name) =>
  name === "AggregatingMergeTree" ? { kind: "aggregate", again: false } : null;

export function aggregating(): MergingEngine {
  return {
    keyHashes: sortingKeyHashes,
    mergedRows: (request, from) => aggregates(request, from, mergedState),
    missing: null,
  };
}

/** What the rows of a key come to in one column. */
export interface Aggregate {
  /** SQL over the rows of a key. */
  readonly value: string;
  /** A sum: where all of them are zero, the row goes, unless a state stands beside them. */
  readonly vanishes: boolean;
  readonly state: boolean;
}

/** Rows of one key put together by the functions that the engine would use. */
export function aggregates(
  { table, partitionId, scope }: MergedRequest,
  from: string,
  put: (column: Column) => Aggregate,
): string {
  const results = comparedColumns(table.columns).filter(({ inSortingKey }) => !inSortingKey)
    .map((column) => ({ ...put(column), column }));
  const compared = results.map(({ value, column }) => hashable(column, value));
  const whole = `tuple(${["0", ...compared].join(", ")})`;
  const sums = results.flatMap(({ value, vanishes }) => vanishes ? [value] : []);
  const having = sums.length > 0 && !results.some(({ state }) => state) && table.sortingKey !== ""
    ? `HAVING NOT (${sums.map((sum) => `ifNull(${sum} = 0, 0)`).join(" AND ")})`
    : null;
  return sql`
    SELECT
      ${namedKey(sortingKeyHashes(table))},
      tuple(
        cityHash64(tuple(_chsync_key_city, ${whole})),
        xxh3(tuple(_chsync_key_xxh, ${whole}))
      ) AS _chsync_merged,
      toUInt8(0) AS _chsync_young
    FROM ${from}
    WHERE ${inScope([partitionId], scope)}
    GROUP BY ${KEY}
    ${having}
  `;
}

/** `AggregateFunction(quantiles(0.5, 0.9), Float64)` is put together by `quantilesMerge(0.5, 0.9)`. */
export function mergedState(column: Column): Aggregate {
  const aggregate = aggregateOf(column);
  if (aggregate === null) return anyOf(column);
  const { name, parameters } = aggregate;
  const merge = column.type.startsWith("AggregateFunction(") ? "Merge" : "";
  const value = inOrder(name, `${name}${merge}${parameters}(${identifier(column.name)})`);
  const more = merge === ""
    ? null
    : stateBeside(column, `${name}MergeState${parameters}(${identifier(column.name)})`);
  return { value: more === null ? value : `tuple(${value}, ${more})`, vanishes: false, state: true };
}

/** Columns that are not put together keep the value of any of the rows: they are only sure where all are the same. */
export function anyOf(column: Column): Aggregate {
  const value = `arraySort(groupUniqArray(cityHash64(tuple(${canonicalColumn(column)}))))`;
  return { value, vanishes: false, state: false };
}
