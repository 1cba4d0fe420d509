/** SQL for the canonical form of a value: equal for values that are the same telemetry. */
import { type Column, type ComparedAs, isHashedByDictionary } from "../../model/table.ts";
import { QUOTED_NAME } from "../../text/quoted.ts";
import { identifier, literal } from "./quoting.ts";

/** Columns that tell rows apart: those that an INSERT gives, without such as each site fills for itself. */
export function comparedColumns(columns: readonly Column[]): Column[] {
  return insertedColumns(columns).filter(({ ignored }) => !ignored);
}

/** Columns that an INSERT gives: stored, and not computed from the others, as MATERIALIZED ones are at each site. */
export function insertedColumns(columns: readonly Column[]): Column[] {
  return columns.filter(({ defaultKind }) => defaultKind === "" || defaultKind === "DEFAULT");
}

/** Columns that a copy carries into staging: everything that is stored. */
export function copiedColumns(columns: readonly Column[]): Column[] {
  return columns.filter(({ defaultKind }) => defaultKind !== "ALIAS" && defaultKind !== "EPHEMERAL");
}

/** The functions by which rows are hashed. */
export type RowHash = "cityHash64" | "xxh3";

/**
 * The hash of `tuple(…)` of the columns, for each of which `value` stands. A hash of several arguments is NULL when one of them
 * is, and a sum passes over it; that of a tuple is not.
 */
export function hashedRow(
  columns: readonly Column[],
  hash: RowHash,
  value: (column: Column, index: number) => string = ({ name }) => identifier(name),
): string {
  return `${hash}(tuple(${columns.map((one, at) => hashedColumn(one, hash, value(one, at))).join(", ")}))`;
}

/** A column as it stands in a row that is hashed; `expression` stands for its value. */
export function hashedColumn(column: Column, hash: RowHash, expression = identifier(column.name)): string {
  const { type, comparedAs, expiry } = column;
  return expiry.rules.length > 0
    ? canonicalColumn(column, expression)
    : hashedValue(expression, type, comparedAs, hash);
}

/**
 * A function of one LowCardinality value and nothing else is computed once for each value of a dictionary, and not for each row.
 * It is that of the row, so that the two hashes of a row fail independently.
 */
export function hashedValue(expression: string, type: string, as: ComparedAs, hash: RowHash): string {
  return isHashedByDictionary(type, as) ? `${hash}(${expression})` : canonical(expression, type, as);
}

/**
 * The canonical form in which a column is compared; `expression` stands for its value. One that has expired is as good
 * as any other that has, also where no merge has taken it yet.
 */
export function canonicalColumn(
  { name, type, comparedAs, expiry }: Column,
  expression = identifier(name),
): string {
  const value = canonical(expression, type, comparedAs);
  if (expiry.rules.length === 0) return value;
  const passed = expiry.rules.map((rule) => `ifNull(${ttlPassed(rule, expiry.now)}, 0)`).join(" OR ");
  return `if(${passed}, toUInt64(0), cityHash64(tuple(${value})))`;
}

/**
 * A SQL expression of the same value whatever the order of the keys in its maps, which two writers of the same event
 * need not agree on. A map is stood for by the sum of the hashes of its entries and their number: a third faster than
 * sorting the map first, measured on two maps a row, and the order of doubled keys does not matter either.
 *
 * @param expression SQL of a value of the type
 * @param type as ClickHouse prints it
 * @param as `both`: the value and its text; `text`: with a text in place of every value that is no map, array or tuple, for servers that hash the values
 * of such a type differently; `null_apart`: without any NULL, for servers that hash none
 */
export function canonical(expression: string, type: string, as: ComparedAs, depth = 0): string {
  if (as === "both") {
    return `tuple(${canonical(expression, type, "value", depth)}, ${textBeside(expression, type, depth)})`;
  }
  const asText = as === "text";
  const apart = as === "null_apart" && type.includes("Nullable(");
  if (!asText && !apart && !type.includes("Map(")) return expression;
  const [name, args] = typeArguments(type);
  const [x, k, v] = [`_chsync_element${depth}`, `_chsync_key${depth}`, `_chsync_value${depth}`];
  switch (name) {
    case "Map": {
      const value = canonical(v, args[1] ?? "", as, depth + 1);
      const key = asText ? `toString(${k})` : k;
      return `tuple(length(${expression}), arraySum(arrayMap((${k}, ${v}) -> cityHash64(tuple(${key}, ${value})), ` +
        `mapKeys(${expression}), mapValues(${expression}))))`;
    }
    case "Array":
      return `arrayMap(${x} -> ${canonical(x, args[0] ?? "", as, depth + 1)}, ${expression})`;
    case "Tuple":
    case "Nested": {
      const elements = args.map((arg, index) =>
        canonical(
          `tupleElement(${name === "Nested" ? x : expression}, ${index + 1})`,
          elementType(arg),
          as,
          depth + 1,
        )
      );
      const tuple = `tuple(${elements.join(", ")})`;
      return name === "Nested" ? `arrayMap(${x} -> ${tuple}, ${expression})` : tuple;
    }
    case "SimpleAggregateFunction":
      return canonical(expression, args[1] ?? "", as, depth);
    case "LowCardinality":
      if (apart) return canonical(expression, args[0] ?? "", as, depth);
      break;
    case "Nullable": {
      const inner = args[0] ?? "";
      // A tuple has maps and texts within, as it has without NULL.
      if (apart || inner.startsWith("Tuple(")) {
        const value = `ifNull(${expression}, defaultValueOfTypeName(${literal(inner)}))`;
        return `tuple(isNull(${expression}), ${canonical(value, inner, as, depth)})`;
      }
    }
  }
  // Within Variant, Dynamic and the like maps stay as they are.
  return asText ? textOf(expression, type) : expression;
}

/** Types within which the hash of a value may leave bounds out. */
const LOOSE = "'JSON|Dynamic|Variant|Object'";

/**
 * What tells values apart that have one hash. To write JSON down takes eight times as long as to hash it: so its text is taken only of
 * what has such a type within, which a sixth of that time tells (measured).
 */
function textBeside(expression: string, type: string, depth: number): string {
  const [name] = typeArguments(type);
  if (name === "JSON") {
    const types = `mapValues(JSONAllPathsWithTypes(${expression}))`;
    return `if(arrayExists(_chsync_type -> match(_chsync_type, ${LOOSE}), ${types}), toJSONString(${expression}), '')`;
  }
  if (name === "Dynamic") {
    return `if(match(dynamicType(${expression}), ${LOOSE}), toString(${expression}), '')`;
  }
  return canonical(expression, type, "text", depth);
}

/** A text, or a tuple of texts, that differs for values that differ, as far as a text of the type can. */
function textOf(expression: string, type: string): string {
  const [name, args] = typeArguments(type);
  switch (name) {
    case "Nullable":
      if (/^JSON\b/.test(args[0] ?? "")) {
        // What tells the types of the paths takes no NULL.
        const text = textOf(`assumeNotNull(${expression})`, args[0]!);
        return `tuple(isNull(${expression}), if(isNull(${expression}), '', ${text}))`;
      }
      return `tuple(isNull(${expression}), ifNull(${textOf(expression, args[0] ?? "")}, ''))`;
    case "LowCardinality":
      return textOf(expression, args[0] ?? "");
    case "JSON":
      // The number 1 and the text '1' read alike; the types of the paths tell them apart.
      return `concat(toJSONString(${expression}), toString(JSONAllPathsWithTypes(${expression})))`;
    case "Object":
      return `toJSONString(${expression})`;
    case "Dynamic":
      // The number 1 and the text '1' read alike.
      return `tuple(dynamicType(${expression}), toString(${expression}))`;
    case "Variant":
    case "Geometry":
      return `tuple(toString(variantType(${expression})), toString(${expression}))`;
    case "AggregateFunction":
      // Of the state: many states come down to one value, and rows would be taken for each other.
      return `hex(${expression})`;
    case "DateTime":
    case "DateTime64":
      // In summer time zones two hours of the year read alike.
      return `toString(toTimeZone(${expression}, 'UTC'))`;
    default:
      return `toString(${expression})`;
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
    else if (char === ")" && --depth === 0) {
      // `Tuple()` has none.
      const last = type.slice(from, at).trim();
      if (last !== "") args.push(last);
    } else if (char === "," && depth === 1) {
      args.push(type.slice(from, at).trim());
      from = at + 1;
    }
  }
  return [type.slice(0, open), args];
}

const ELEMENT = new RegExp(String.raw`^(?:${QUOTED_NAME}|[A-Za-z_]\w*) ([^]*)$`);

/** The type of a tuple's element, which may carry a name in front: `` `a b` Map(…) ``, `a Map(…)`, `Map(…)`. */
export function elementType(element: string): string {
  return ELEMENT.exec(element)?.[1] ?? element;
}

/**
 * The ClickHouse rule: what a TTL rules may go once its expression is not later than now; NULL or 0 is never. The same
 * literal `now` goes to both sites, whenever each of them comes to merge.
 *
 * @param expression of the TTL; it may be a Date, a DateTime or wider: DateTime64 holds them all without wrapping round
 * @param now unix seconds
 */
export function ttlPassed(expression: string, now: number): string {
  const at = `toInt64(toDateTime64(${expression}, 0))`;
  return `${at} <= ${now} AND ${at} != 0`;
}
