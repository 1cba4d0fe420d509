/** How values of one key are put together once more, and what it says where two sites come to others. */
import type { PutTogetherBy, ViewColumn } from "../../model/derived_view.ts";
import type { Column, Table } from "../../model/table.ts";
import { canonicalColumn, comparedColumns, typeArguments } from "../sql/canonical_row.ts";
import { hashableKey } from "./hashable.ts";
import { identifier } from "../sql/quoting.ts";

/**
 * What the values of two sites say: `most` and `least`: the higher one, the lower one has seen more; `same`: nothing but that
 * they differ; `near`: floats, which differ in their last digits by the order in which they were added; `hint`: the same rows
 * may come to other values, where several of them tie.
 */
export type Says = "most" | "least" | "same" | "near" | "hint";

export interface PutTogether {
  readonly column: Column;
  /** Aggregate function with its parameters, as SQL. */
  readonly by: string;
  readonly says: Says;
  /** Values are put together the same however often the same rows are among them. */
  readonly repeatable: boolean;
}

export interface KeyedColumns {
  /** SQL of the columns of the key. */
  readonly key: readonly string[];
  readonly values: readonly PutTogether[];
  /** Sums, of which a row goes once all are zero. */
  readonly vanishing: readonly PutTogether[];
  /** Names of columns that are not compared: what they hold depends on which rows came together, and in which order. */
  readonly ignored: readonly string[];
  /** A row that comes once more changes some column, and need not show in what is compared: an average, a quantile. */
  readonly hides: boolean;
}

/** @param by how views group that fill a table which keeps every row; `engine`: the table's own way */
export function keyedColumns(table: Table, by: "engine" | readonly ViewColumn[]): KeyedColumns {
  const columns = comparedColumns(table.columns);
  const put = by === "engine"
    ? (column: Column) => column.inSortingKey ? null : ofEngine(table, column)
    : (column: Column) => ofView(by.find(({ name }) => name === column.name), column);
  const isKey = (column: Column) =>
    by === "engine"
      ? column.inSortingKey
      : by.some(({ name, role }) => name === column.name && role === "key");
  const rest = columns.filter((column) => !isKey(column));
  const values = rest.flatMap((column) => put(column) ?? []);
  const known = new Set(values.map(({ column }) => column.name));
  const ignored = rest.filter(({ name }) => !known.has(name));
  const sums = table.mergeRule.kind === "sum" && by === "engine" && table.sortingKey !== "" &&
    !columns.some(({ type }) => isState(type)); // beside a state a row stays
  return {
    key: by === "engine" ? [hashableKey(table)] : columns.filter(isKey).map((one) => canonicalColumn(one)),
    values,
    vanishing: sums ? values.filter(({ by: name, column }) => name === "sum" && !isState(column.type)) : [],
    ignored: ignored.map(({ name }) => name),
    hides: values.some(({ by }) => WEIGHED.test(by)) || ignored.some((column) => isWeighed(column, by)),
  };
}

export function putTogetherBy(table: Table, by: "engine" | readonly ViewColumn[]): PutTogetherBy {
  const { values, ignored } = keyedColumns(table, by);
  return { ignored, repeatable: ignored.length === 0 && values.every(({ repeatable }) => repeatable) };
}

/** Functions in which the same row counts as often as it comes, and which need not come to something else. */
const WEIGHED = /^(?:avg|var|stddev|quantile)/;

/** Of which any value, or the last one, may stay: it may come again. */
const ANY_STAYS = /^(?:any|first_value|last_value|argMin|argMax|min|max|groupBit|groupUniq|uniq)/;

function isWeighed(column: Column, by: "engine" | readonly ViewColumn[]): boolean {
  if (isState(column.type)) {
    const [, all] = typeArguments(column.type);
    return !ANY_STAYS.test(all.find((arg) => !/^\d+$/.test(arg)) ?? "");
  }
  const role = by === "engine" ? "plain" : by.find(({ name }) => name === column.name)?.role ?? "plain";
  return typeof role !== "string" && !ANY_STAYS.test(role.aggregate);
}

/** SQL of what the rows of a key come down to in one column, or of those of them for which `when` is true. */
export function together({ column, by }: PutTogether, when: string | null = null): string {
  const [name = "", parameters = ""] = split(by);
  const value = identifier(column.name);
  const call = when === null ? `${name}${parameters}(${value})` : `${name}If${parameters}(${value}, ${when})`;
  return /^group(?:Uniq)?Array/.test(name) ? `arraySort(${call})` : call;
}

function split(by: string): [string, string] {
  const open = by.indexOf("(");
  return open < 0 ? [by, ""] : [by.slice(0, open), by.slice(open)];
}

function isState(type: string): boolean {
  return type.includes("AggregateFunction(");
}

function ofEngine({ mergeRule }: Table, column: Column): PutTogether | null {
  if (isState(column.type)) return ofState(column);
  if (mergeRule.kind !== "sum" || !isNumber(column.type)) return null;
  const listed = mergeRule.columns?.includes(column.name) ?? !column.inPartitionKey;
  return listed ? summed(column) : null;
}

const INTEGER = /^U?Int\d+$/;
const NUMBER = /^(?:U?Int\d+|Decimal(?:\d*\(.*\))?|Float\d+|BFloat16|Bool)$/;

function bare(type: string): string {
  const [name, [inner = ""]] = typeArguments(type);
  return name === "Nullable" || name === "LowCardinality" ? bare(inner) : type;
}

/** Whether SummingMergeTree adds values of a type up: truth is a number, and one in a dictionary is added up like any other. */
export function isNumber(type: string): boolean {
  return NUMBER.test(bare(type));
}

function summed(column: Column, type = column.type): PutTogether {
  const says = /Float/.test(bare(type)) ? "near" : /^UInt/.test(type) ? "most" : "same";
  return { column, by: "sum", says, repeatable: false };
}

/** Lowest and highest values, which are the same however often a row is seen. */
function extreme(column: Column, by: "min" | "max", type: string): PutTogether {
  const says = type !== bare(type) ? "same" : by === "min" ? "least" : "most";
  return { column, by, says, repeatable: true };
}

/** The combinators that only choose among the rows, or take NULLs for none. */
function withoutChoice(name: string): string {
  return name.replace(/(?:If|OrNull|OrDefault|Null)+$/, "");
}

/** States, and values that the engine merges by their type. */
function ofState(column: Column): PutTogether | null {
  const [kind, all] = typeArguments(column.type);
  const [call = "", ...types] = all.filter((arg) => !/^\d+$/.test(arg));
  const [name, parameters] = split(call);
  if (kind === "SimpleAggregateFunction") return again(column, name, types[0] ?? "");
  if (kind !== "AggregateFunction") return null;
  const says = stateSays(withoutChoice(name), types.map(bare));
  if (says === null) return null;
  return { column, by: `${name}Merge${parameters}`, says, repeatable: REPEATABLE.has(withoutChoice(name)) };
}

const REPEATABLE = new Set([
  "min",
  "max",
  "argMin",
  "argMax",
  "groupBitOr",
  "groupBitAnd",
  "groupBitmap",
  "groupUniqArray",
  "uniq",
  "uniqExact",
  "uniqCombined",
  "uniqCombined64",
  "uniqHLL12",
]);

/** What merged states say; null: their values depend on which rows came together, or in which order. */
function stateSays(name: string, [type = ""]: readonly string[]): Says | null {
  const whole = INTEGER.test(type) || type.startsWith("Decimal");
  switch (name) {
    case "count":
    case "uniq":
    case "uniqExact":
    case "uniqCombined":
    case "uniqCombined64":
    case "uniqHLL12":
    case "groupBitmap":
      return "most";
    case "min":
      return "least";
    case "max":
      return "most";
    case "sum":
      return whole ? (type.startsWith("U") ? "most" : "same") : "near";
    case "avg":
      return whole ? "same" : "near";
    case "varPop":
    case "varSamp":
    case "stddevPop":
    case "stddevSamp":
      return "near";
    case "argMin":
    case "argMax":
      return "hint";
    case "sumMap":
    case "groupBitOr":
    case "groupBitAnd":
    case "groupBitXor":
    case "groupUniqArray":
    case "groupArray":
    case "quantileExact":
    case "quantilesExact":
    case "quantileDD":
    case "quantilesDD":
    case "quantileTiming":
    case "quantilesTiming":
    case "quantileBFloat16":
    case "quantilesBFloat16":
      return "same";
    default:
      return null;
  }
}

/** What the view made of each insert, put together once more. */
function ofView(given: ViewColumn | undefined, column: Column): PutTogether | null {
  if (isState(column.type)) return ofState(column);
  if (given === undefined || typeof given.role === "string") return null;
  const name = withoutChoice(given.role.aggregate);
  if (name === "count") return again(column, "sum", column.type);
  if (name === "groupUniqArray" || name === "groupArray") {
    return again(column, `${name}Array`, column.type);
  }
  return name === "sum" || name === "min" || name === "max" ? again(column, name, column.type) : null;
}

/** A value that is put together with others by the function that made it. */
function again(column: Column, by: string, type: string): PutTogether | null {
  switch (by) {
    case "sum":
      return isNumber(type) ? summed(column, type) : null;
    case "min":
    case "max":
      return extreme(column, by, type);
    case "groupBitOr":
    case "groupBitAnd":
    case "groupUniqArrayArray":
      return { column, by, says: "same", repeatable: true };
    case "groupBitXor":
    case "groupArrayArray":
    case "sumMap":
      return { column, by, says: "same", repeatable: false };
    default:
      return null;
  }
}
