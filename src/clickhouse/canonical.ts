/** SQL for the canonical form of a value: equal for values that are the same telemetry. */
import type { Column } from "../model/table.ts";
import { identifier } from "./quoting.ts";

/** Columns that tell rows apart: stored, and not computed from the others (trap 17). */
export function comparedColumns(columns: readonly Column[]): Column[] {
  return columns.filter(({ defaultKind }) => defaultKind === "" || defaultKind === "DEFAULT");
}

/** Columns that a copy carries into staging: everything that is stored. */
export function copiedColumns(columns: readonly Column[]): Column[] {
  return columns.filter(({ defaultKind }) => defaultKind !== "ALIAS" && defaultKind !== "EPHEMERAL");
}

/** `tuple(…)` of the canonical columns. Of a tuple, as a hash of several arguments is NULL when one is (trap 4). */
export function canonicalRow(columns: readonly Column[]): string {
  return `tuple(${columns.map((column) => canonical(identifier(column.name), column.type)).join(", ")})`;
}

/**
 * A SQL expression of the same value whatever the order of the keys in its maps (trap 1). A map is stood for by the
 * sum of the hashes of its entries and their number: a third faster than sorting the map first, measured on two maps
 * a row, and the order of doubled keys does not matter either.
 *
 * @param expression SQL of a value of the type
 * @param type as ClickHouse prints it
 */
export function canonical(expression: string, type: string, depth = 0): string {
  if (!type.includes("Map(")) return expression;
  const [name, args] = typeArguments(type);
  const [x, k, v] = [`_chsync_x${depth}`, `_chsync_k${depth}`, `_chsync_v${depth}`];
  switch (name) {
    case "Map": {
      const value = canonical(v, args[1] ?? "", depth + 1);
      return `tuple(length(${expression}), arraySum(arrayMap((${k}, ${v}) -> cityHash64(tuple(${k}, ${value})), ` +
        `mapKeys(${expression}), mapValues(${expression}))))`;
    }
    case "Array":
      return `arrayMap(${x} -> ${canonical(x, args[0] ?? "", depth + 1)}, ${expression})`;
    case "Tuple":
    case "Nested": {
      const elements = args.map((arg, index) =>
        canonical(
          `tupleElement(${name === "Nested" ? x : expression}, ${index + 1})`,
          elementType(arg),
          depth + 1,
        )
      );
      const tuple = `tuple(${elements.join(", ")})`;
      return name === "Nested" ? `arrayMap(${x} -> ${tuple}, ${expression})` : tuple;
    }
    default:
      // Within Variant, Dynamic, SimpleAggregateFunction and the like maps stay as they are.
      return name === "SimpleAggregateFunction" ? canonical(expression, args[1] ?? "", depth) : expression;
  }
}

/** `Map(String, Array(Int8))` as `["Map", ["String", "Array(Int8)"]]`. */
export function typeArguments(type: string): [string, string[]] {
  const open = type.indexOf("(");
  if (open < 0) return [type, []];
  const args: string[] = [];
  let [depth, from] = [0, open + 1];
  for (let at = open; at < type.length; at++) {
    const char = type[at]!;
    if (char === "'" || char === "`") {
      for (at++; at < type.length && type[at] !== char; at++) if (type[at] === "\\") at++;
    } else if (char === "(") depth++;
    else if (char === ")" && --depth === 0) args.push(type.slice(from, at).trim());
    else if (char === "," && depth === 1) {
      args.push(type.slice(from, at).trim());
      from = at + 1;
    }
  }
  return [type.slice(0, open), args];
}

/** The type of a tuple's element, which may carry a name in front: `` `a b` Map(…) ``, `a Map(…)`, `Map(…)`. */
function elementType(element: string): string {
  const named = /^(?:`(?:[^`\\]|\\.)*`|[A-Za-z_][A-Za-z0-9_]*) (.*)$/s.exec(element);
  return named?.[1] ?? element;
}
