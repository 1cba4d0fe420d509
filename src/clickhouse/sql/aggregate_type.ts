/** Types whose values are put together by an aggregate function, and the form in which a copy of a state is proven. */
import type { Column } from "../../model/table.ts";
import { hashedColumn, typeArguments } from "./canonical_row.ts";
import { identifier } from "./quoting.ts";

/** The function by which values of a column are put together; null: by none. */
export function aggregateOf(
  { type }: Pick<Column, "type">,
): { readonly name: string; readonly parameters: string } | null {
  const [kind, args] = typeArguments(type);
  if (kind !== "AggregateFunction" && kind !== "SimpleAggregateFunction") return null;
  // A number in front is the version of the state.
  const [name = "", parameters = ""] = (args.find((arg) => !/^\d+$/.test(arg)) ?? "").split(/(?=\()/, 2);
  return { name, parameters };
}

/** A set has its values in any order. */
export function inOrder(name: string, value: string): string {
  return /^(?:groupUniqArray|topK)/.test(name) ? `arraySort(${value})` : value;
}

/**
 * SQL of what a state tells besides its value: an average of as many again is the same, and so is the latest value of an earlier
 * time. Null: the value tells of each row that went into it, or nothing besides it is the same whatever the order of the rows.
 *
 * @param state SQL of a state of the column
 */
export function stateBeside(column: Pick<Column, "type">, state: string): string | null {
  const [, args] = typeArguments(column.type);
  const [call = "", type = ""] = args.filter((arg) => !/^\d+$/.test(arg));
  const name = call.replace(/\(.*$/s, "").replace(/(?:If|Array|OrNull|OrDefault)+$/, "");
  // Of NULLs a byte in front says whether there was a value. Two digits of a text are a byte.
  const start = /^(?:Array\()*Nullable\(/.test(type) ? 3 : 1;
  switch (name) {
    case "argMin":
    case "argMax":
      return `hex(${state})`;
    case "avg":
      // A sum of floats, of 8 bytes, differs by the order in which they came; their number is behind it.
      return /Float/.test(type) ? `substring(hex(${state}), ${start + 16})` : `hex(${state})`;
    case "stddevPop":
    case "stddevSamp":
    case "varPop":
    case "varSamp":
      // The number of values, as a float, and what differs by their order behind it.
      return `substring(hex(${state}), ${start}, ${/Float32/.test(type) ? 8 : 16})`;
    default:
      // Every value, in whatever order.
      return /^(?:quantiles?|median)Exact/.test(name) ? `length(hex(${state}))` : null;
  }
}

/** Functions whose state is a hash table: as it is read and written again, its bytes change places. */
const HASH_TABLES =
  /^(?:uniq(?:Exact)?|groupUniqArray|topK|(?:sum|min|max)Map)(?:If|Array|OrNull|OrDefault)*$/;

/** A column as it stands in a copied row that is hashed: as in any other, or what a state comes down to, if its bytes move. */
export function copiedForm(column: Column): string {
  const name = column.type.startsWith("AggregateFunction(") ? aggregateOf(column)?.name ?? "" : "";
  if (!HASH_TABLES.test(name)) return hashedColumn(column, "cityHash64");
  return `toString(${inOrder(name, `finalizeAggregation(${identifier(column.name)})`)})`;
}
