/** Generated definitions of tables, and the same with one thing changed. */
import { fc } from "../seed.ts";
import { call, type Choose, condition, type Node, number, spelled, text } from "./spelled.ts";

export interface Definition {
  readonly type: string;
  readonly codec: string;
  readonly kind: "DEFAULT" | "MATERIALIZED" | "ALIAS";
  readonly made: Node;
  readonly label: Node;
  readonly engine: string;
  readonly partition: readonly Node[];
  readonly order: readonly Node[];
  readonly days: number;
  readonly expires: Node | null;
  readonly valueDays: number | null;
  readonly index: Node;
  readonly indexType: string;
  readonly constraint: Node;
  readonly projected: Node;
  readonly settings: readonly string[];
}

const [ts, month] = [call("ts"), call("toYYYYMM", call("ts"))];

export const definition: fc.Arbitrary<Definition> = fc.record({
  type: fc.constantFrom(
    "Int64",
    "LowCardinality(String)",
    "Array(Nullable(String))",
    "Enum8('a' = 1, 'b' = 2)",
    "Map(String, Tuple(`keys` UInt8, v Array(UInt8)))",
    "DateTime64(3, 'Asia/Tokyo')",
    "Decimal(9, 2)",
    "SimpleAggregateFunction(max, UInt64)",
  ),
  codec: fc.constantFrom("", "CODEC(ZSTD)", "CODEC(ZSTD(3))", "CODEC(LZ4HC(9))", "CODEC(NONE)"),
  kind: fc.constantFrom("DEFAULT", "MATERIALIZED", "ALIAS"),
  made: number,
  label: text,
  engine: fc.constantFrom(
    "MergeTree",
    "ReplacingMergeTree",
    "ReplacingMergeTree(v)",
    "SummingMergeTree(v)",
    "SummingMergeTree((v, w))",
  ),
  partition: fc.oneof(
    fc.constant([]),
    fc.constant([month]),
    number.map((node) => [month, modulo(node)]),
    number.map((node) => [modulo(node)]),
  ),
  order: fc.tuple(
    fc.constantFrom([], [ts], [ts, call("values")]),
    fc.array(fc.oneof(number, text), { minLength: 1, maxLength: 2 }),
  )
    .map(([first, more]) => [...first, ...more]),
  days: fc.integer({ min: 3000, max: 9000 }),
  expires: fc.option(condition),
  valueDays: fc.option(fc.integer({ min: 3000, max: 9000 })),
  index: number,
  indexType: fc.constantFrom("minmax", "set(100)", "bloom_filter(0.01)"),
  constraint: condition,
  projected: number,
  settings: fc.shuffledSubarray([
    "index_granularity = 4096",
    "min_bytes_for_wide_part = 0",
    "merge_with_ttl_timeout = 7200",
    "ttl_only_drop_parts = 0",
  ]),
});

function modulo(node: Node): Node {
  return call("modulo", node, call("5"));
}

/** What follows `CREATE TABLE` and the name. */
export function written(of: Definition, choose: Choose): string {
  const say = (node: Node) => spelled(node, choose);
  const key = (nodes: readonly Node[]) =>
    nodes.length === 1 ? say(nodes[0]!) : spelled(call("tuple", ...nodes), choose);
  const days = (count: number) => say(call("plus", ts, call("toIntervalDay", call(String(count)))));
  const settings = choose(2) === 0 ? of.settings : of.settings.toReversed();
  const elements = [
    "ts DateTime('UTC'), a Int64, b Int64, s String, n Nullable(Int64), v UInt64, w UInt64, `values` UInt8",
    `x ${of.type} ${of.codec}`,
    `d Int64 ${of.kind} ${say(of.made)}`,
    `l String DEFAULT ${say(of.label)}`,
    `e Int64 ${of.valueDays === null ? "" : `TTL ${days(of.valueDays)}`}`,
    `INDEX i ${say(of.index)} TYPE ${of.indexType} GRANULARITY 4`,
    `CONSTRAINT c CHECK ${say(of.constraint)}`,
    // Engines that merge rows want a word on what becomes of projections, which older ones do not know.
    ...of.engine === "MergeTree" ? [`PROJECTION p (SELECT s, sum(${say(of.projected)}) GROUP BY s)`] : [],
  ];
  return `(${elements.join(", ")}) ENGINE = ${of.engine}` +
    (of.partition.length === 0 ? "" : ` PARTITION BY ${key(of.partition)}`) +
    ` ORDER BY ${key(of.order)} TTL ${days(of.days)}` +
    (of.expires === null ? "" : ` DELETE WHERE ${say(of.expires)}`) +
    (settings.length === 0 ? "" : ` SETTINGS ${settings.join(", ")}`);
}

/** Each changes one thing, which an operator wants to hear of. */
export const CHANGES: Readonly<Record<string, (of: Definition) => Definition>> = {
  type: (of) => ({ ...of, type: of.type === "Int64" ? "Int32" : "Int64" }),
  codec: (of) => ({ ...of, codec: of.codec === "" ? "CODEC(ZSTD(2))" : "" }),
  kind: (of) => ({ ...of, kind: of.kind === "DEFAULT" ? "MATERIALIZED" : "DEFAULT" }),
  made: (of) => ({ ...of, made: regrouped(of.made) }),
  label: (of) => ({ ...of, label: call("concat", of.label, call("' '")) }),
  engine: (of) => ({
    ...of,
    engine: of.engine.includes("(") ? "ReplacingMergeTree(w)" : "SummingMergeTree(w)",
  }),
  partition: (of) => ({ ...of, partition: [...of.partition, call("modulo", call("a"), call("3"))] }),
  order: (of) => ({ ...of, order: [...of.order, call("b")] }),
  days: (of) => ({ ...of, days: of.days + 1 }),
  expires: (of) => ({
    ...of,
    expires: of.expires === null ? call("isNull", call("n")) : call("not", of.expires),
  }),
  valueDays: (of) => ({ ...of, valueDays: of.valueDays === null ? 3000 : null }),
  index: (of) => ({ ...of, index: regrouped(of.index) }),
  indexType: (of) => ({ ...of, indexType: of.indexType === "minmax" ? "set(0)" : "minmax" }),
  constraint: (of) => ({ ...of, constraint: call("not", of.constraint) }),
  projected: (of) => ({ ...of, engine: "MergeTree", projected: regrouped(of.projected) }),
  settings: (of) => ({ ...of, settings: ["index_granularity = 1024"] }),
};

/** The same names and values in the same order, with other brackets where that is another expression. */
function regrouped(node: Node): Node {
  const [first, second] = node.args;
  if (node.call === "minus" && first?.call === "minus") {
    return call("minus", first.args[0]!, call("minus", first.args[1]!, second!));
  }
  if (node.call === "negate" && first?.call === "plus") {
    return call("plus", call("negate", first.args[0]!), first.args[1]!);
  }
  if (node.call === "multiply" && first?.call === "plus") {
    return call("plus", first.args[0]!, call("multiply", first.args[1]!, second!));
  }
  if (node.call === "minus" || node.call === "modulo") return call(node.call, ...node.args.toReversed());
  return call("minus", node, call("1"));
}
