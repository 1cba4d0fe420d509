/**
 * The statement by which two servers are asked to hash the same values of the same types: versions hash some of them
 * differently, or not at all, and then equal rows would seem to differ.
 */
import type { HashedAs } from "../../model/table.ts";
import { canonical, elementType, hashedValue, type RowHash, typeArguments } from "../sql/canonical_row.ts";
import { listed, sql } from "../sql/layout.ts";
import { identifier, literal } from "../sql/quoting.ts";

/**
 * Answers one row: by the name of each type both hashes of its examples, in the form in which columns are compared; NULL: the
 * server hashes no values of it.
 *
 * @param plainOnly defaults in place of other values: not every server can make others of every type
 */
export function hashConstants(types: readonly string[], as: HashedAs, plainOnly = false): string {
  const examples = (type: string) => exampleValues(type, plainOnly);
  return sql`
    SELECT
      ${listed(types.map((type) => `${hashes(type, examples(type), as)} AS ${identifier(type)}`))}
  `;
}

/** Fails if the server cannot make these examples; whether it can hash them is another question. */
export function makeExamples(type: string): string {
  return `SELECT ignore(${exampleValues(type).join(", ")}) AS made`;
}

/**
 * Whether two states of one value are hashed alike. Servers before 26.3 hash where a state lies in memory (ClickHouse issue
 * 50534): that two of them agree would be chance, and say nothing of rows.
 */
const HASHES_STATES =
  "arrayUniq(arrayMap(n -> cityHash64(initializeAggregation('countState', n)), [1, 1])) = 1";

function hashes(type: string, examples: readonly string[], as: HashedAs): string {
  // Keys are hashed as they are, also those of which a row has the hash alone.
  const forms = (value: string, by: RowHash) =>
    new Set([hashedValue(value, type, as, by), canonical(value, type, as)]);
  const hash = (by: RowHash) =>
    `${by}(tuple(${examples.flatMap((value) => [...forms(value, by)]).join(", ")}))`;
  const both = `concat(toString(${hash("cityHash64")}), ' ', toString(${hash("xxh3")}))`;
  return holdsStates(type) && as !== "text" ? `if(${HASHES_STATES}, ${both}, NULL)` : both;
}

/**
 * The default of the type and, where one can be written down for it, another value; and one with a NULL within, which a
 * server may not be able to hash. `_CAST` makes values of types that `CAST` refuses as suspicious or experimental, but which
 * a table may have. What holds values holds one in each of them: all servers hash an empty array alike, also those that
 * cannot hash what it is for.
 *
 * @param type as ClickHouse prints it
 * @param plainOnly puts defaults in place of the other values, and NULL wherever it may stand
 */
export function exampleValues(type: string, plainOnly = false): string[] {
  const others = plainOnly
    ? [example(type, true, defaultOf)]
    : [example(type), /.Nullable\(/.test(type) ? example(type, true) : null];
  return [
    defaultOf(type),
    ...others.flatMap((other) => other === null ? [] : [cast(other, type)]),
  ];
}

/** A state over LowCardinality cannot be a constant; what an array holds beyond its end is a value of its type like any. */
function defaultOf(type: string): string {
  const constant = (type: string) => `defaultValueOfTypeName(${literal(type)})`;
  if (!holdsStates(type)) return constant(type);
  const [name, args] = typeArguments(type);
  if (name === "Tuple") {
    return cast(`tuple(${args.map((arg) => defaultOf(elementType(arg))).join(", ")})`, type);
  }
  return `arrayElement(materialize(${constant(`Array(${type})`)}), 1)`;
}

function holdsStates(type: string): boolean {
  return /\bAggregateFunction\(/.test(type);
}

/** By the name of the type; numbers also stand for times. */
const EXAMPLES: Readonly<Record<string, string>> = {
  String: "'é\\n0'",
  FixedString: "'a'",
  Bool: "true",
  UUID: "'61f0c404-5cb3-11e7-907b-a6006ad3dba0'",
  IPv4: "'192.0.2.1'",
  IPv6: "'2001:db8::1'",
  // Under a name for which the type does not say of what type the value must be, or that it is skipped.
  JSON: `'{"_chsync":{"a":{"b":[1,null]},"c":"x","d":-1.5}}'`,
  Object: `'{"_chsync":{"a":{"b":1},"c":"x"}}'`,
  Dynamic: "_CAST(-7, 'Int64')",
  Geometry: "_CAST((1.5, -2), 'Point')",
  Point: "(1.5, -2)",
  Ring: "[(1.5, -2)]",
  LineString: "[(1.5, -2)]",
  Polygon: "[[(1.5, -2)]]",
  MultiLineString: "[[(1.5, -2)]]",
  MultiPolygon: "[[[(1.5, -2)]]]",
};

/** SQL of a value of a type that is made of no others; null: only its default is known. */
type Simple = (type: string) => string | null;

/**
 * SQL of a value that can be cast to the type; null: only its default is known.
 *
 * @param nulls whether NULL stands wherever it may
 */
function example(type: string, nulls = false, simple: Simple = simpleExample): string | null {
  const [name, args] = typeArguments(type);
  const inner = args.map((arg) => elementType(arg));
  const first = inner[0] ?? "";
  const put = (types: readonly string[], values: (values: readonly string[]) => string) =>
    all(types, (one) => example(one, nulls, simple) ?? defaultOf(one), values);
  switch (name) {
    case "Nullable":
      return nulls ? "NULL" : example(first, nulls, simple);
    case "LowCardinality":
      return example(first, nulls, simple);
    case "SimpleAggregateFunction":
      return example(inner[1] ?? "", nulls, simple);
    case "Array":
      return put([first], ([value]) => `[${value}]`);
    case "Map":
      return put(inner, (values) => `map(${values.join(", ")})`);
    case "Tuple":
      return put(inner, (values) => `tuple(${values.join(", ")})`);
    case "Nested":
      return put(inner, (values) => `[tuple(${values.join(", ")})]`);
    case "Variant":
      return put([first], ([value]) => value ?? "");
    default:
      return simple(type);
  }
}

function simpleExample(type: string): string | null {
  const [name, args] = typeArguments(type);
  switch (name) {
    case "Enum8":
    case "Enum16":
      return /-?\d+$/.exec(args.at(-1) ?? "")?.[0] ?? null;
    case "QBit":
      return `[${Array.from({ length: Number(args[1]) }, () => "77").join(", ")}]`;
    case "AggregateFunction":
      return state(args);
    default:
      return NUMBERS.test(name) ? "77" : EXAMPLES[name] ?? null;
  }
}

const NUMBERS =
  /^(?:U?Int\d+|B?Float\d+|Decimal\d*|Date|Date32|DateTime|DateTime64|Time|Time64|Interval[A-Z][a-z]+)$/;

/**
 * The state of an aggregate function that has been given one row.
 *
 * @param args what stands between the brackets of the type: perhaps a version, the function, the types that it takes
 */
function state(args: readonly string[]): string | null {
  const [call = "", ...takes] = /^\d+$/.test(args[0] ?? "") ? args.slice(1) : args;
  const name = /^\w+/.exec(call)?.[0];
  if (name === undefined) return null;
  const reduced = literal(`${name}State${call.slice(name.length)}`);
  return all(
    takes.length > 0 ? takes : ["UInt8"],
    (type) => example(type),
    (values) => `arrayReduce(${reduced}, ${values.map((value) => `[${value}]`).join(", ")})`,
  );
}

/** Of values of these types, each cast to its own; null where one of them is not known. */
function all(
  types: readonly string[],
  make: Simple,
  put: (values: readonly string[]) => string,
): string | null {
  const values = types.map((type) => {
    const value = make(type);
    return value === null ? null : cast(value, type);
  });
  return values.every((value) => value !== null) ? put(values) : null;
}

function cast(value: string, type: string): string {
  return `_CAST(${value}, ${literal(type)})`;
}
