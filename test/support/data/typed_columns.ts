/** A column of every type that a table may have, with values that are hard to compare. */

export interface TypedColumn {
  readonly type: string;
  /** SQL of a value for each `number` from 0 on. */
  readonly value: string;
  /** SQL over `v` that reads alike for values that are the same telemetry; default: `v`. */
  readonly same?: string;
}

const NAMES = "['a','b','c','d','e'][number % 5 + 1]";
/** Three kinds of NaN, both zeros, both infinities and a number. */
const FLOATS =
  "[nan, reinterpretAsFloat64(0xfff8000000000001), reinterpretAsFloat64(0x7ff8000000000002), 0.0, -0.0, " +
  "inf, -inf, 1.5][number % 8 + 1]";

/** Both zeros and two kinds of NaN, of which a dictionary keeps one each. */
const ZEROS = "[0.0, -0.0, reinterpretAsFloat64(0xfff8000000000001), nan, 1.5][number % 5 + 1]";

/** Every one is stored as ClickHouse takes it, also those that it calls suspicious. */
export const TYPED_COLUMNS: readonly TypedColumn[] = [
  { type: "Nullable(Int8)", value: "if(number % 3 = 0, NULL, number % 5)" },
  { type: "LowCardinality(String)", value: NAMES },
  { type: "LowCardinality(Nullable(String))", value: `if(number % 3 = 0, NULL, ${NAMES})` },
  {
    type: "Map(String, String)",
    value: `if(number % 2 = 0, map('x', ${NAMES}, 'y', '1'), map('y', '1', 'x', 'a'))`,
    same: "mapSort(v)",
  },
  {
    type: "Map(String, Map(LowCardinality(String), Array(Int32)))",
    value: "map('k', map('b', [number % 4], 'a', [1]), 'j', map())",
  },
  { type: "Array(Nullable(String))", value: `[NULL, ${NAMES}, '']` },
  { type: "Array(Map(String, Nullable(UInt8)))", value: "[map('a', NULL, 'b', number % 3), map()]" },
  {
    type: "Tuple(a Int32, `b c` Nullable(String))",
    value: `(number % 3, if(number % 2 = 0, NULL, ${NAMES}))`,
  },
  {
    // NULL, and what is nowhere but the defaults of its parts.
    type: "Nullable(Tuple(a Int32, b Nullable(String)))",
    value: `multiIf(number % 4 = 0, NULL, number % 4 = 1, (0, NULL), (number % 3, ${NAMES}))`,
  },
  {
    type: "Nullable(Tuple(m Map(String, String), d Dynamic))",
    value: `multiIf(number % 4 = 0, NULL, number % 4 = 1, (map(), NULL::Dynamic), ` +
      `(if(number % 8 = 2, map('x', ${NAMES}, 'y', '1'), map('y', '1', 'x', 'a')), (number % 3)::Int64::Dynamic))`,
    same: "(isNull(v), mapSort(v.1), v.2)",
  },
  { type: "Enum8('a' = 1, 'b,)' = 2)", value: "number % 2 + 1" },
  { type: "Enum16('x' = -300, 'y' = 300)", value: "if(number % 2 = 0, 'x', 'y')" },
  { type: "Decimal(18, 4)", value: "toDecimal64(number % 7, 4) / 3" },
  { type: "Decimal(76, 20)", value: "toDecimal256(number % 7, 20) / 3" },
  { type: "UUID", value: "toUUID(concat('61f0c404-5cb3-11e7-907b-a6006ad3dba', toString(number % 10)))" },
  { type: "IPv4", value: "toIPv4(toUInt32(number % 9))" },
  { type: "IPv6", value: "toIPv6(concat('2001:db8::', toString(number % 9)))" },
  { type: "FixedString(4)", value: "if(number % 2 = 0, 'a', concat('a', char(0), 'b'))" },
  { type: "Bool", value: "number % 2 = 0" },
  { type: "Date", value: "toDate(number % 60000)" },
  { type: "Date32", value: "toDate32('1900-01-01') + number % 11" },
  { type: "DateTime", value: "toDateTime(1793000000 + (number % 5) * 1800)" },
  { type: "DateTime('Europe/Berlin')", value: "toDateTime(1792882800 + (number % 5) * 1800)" },
  { type: "DateTime64(9, 'Asia/Tokyo')", value: "fromUnixTimestamp64Nano(toInt64(-5 + number % 11))" },
  { type: "Time", value: "toTime(number % 7)" },
  { type: "Time64(3)", value: "toTime64(number % 7, 3)" },
  { type: "BFloat16", value: FLOATS },
  { type: "Float32", value: FLOATS },
  { type: "Float64", value: FLOATS },
  { type: "Nullable(Float64)", value: `if(number % 9 = 4, NULL, ${FLOATS})` },
  { type: "LowCardinality(Float64)", value: ZEROS },
  {
    type: "Array(LowCardinality(Nullable(Float32)))",
    value: `[${ZEROS}, NULL]`,
  },
  { type: "Array(Float64)", value: `[${FLOATS}, -0.0]` },
  { type: "Map(String, Float64)", value: `map('f', ${FLOATS})` },
  { type: "Int128", value: "toInt128(number % 5) - 2" },
  { type: "Int256", value: "toInt256(number % 5) - 2" },
  { type: "UInt256", value: "toUInt256(number % 5)" },
  { type: "JSON", value: `concat('{"a":', toString(number % 3), ',"b":{"c":["x",null]}}')` },
  {
    type: "JSON(max_dynamic_paths=1, t Int32)",
    value:
      `concat('{"t":1,"k', toString(number % 4), '":', toString(number % 3), ',"z":"', toString(number % 2), '"}')`,
  },
  {
    type: "Dynamic",
    value: "if(number % 2 = 0, (number % 3)::Int64::Dynamic, toString(number % 3)::Dynamic)",
  },
  {
    type: "Dynamic(max_types=1)",
    value:
      "multiIf(number % 3 = 0, (number % 2)::Int64::Dynamic, number % 3 = 1, '1'::Dynamic, [1]::Dynamic)",
  },
  { type: "Map(String, Dynamic)", value: "map('d', (number % 3)::Int64::Dynamic, 'n', NULL::Dynamic)" },
  {
    type: "Variant(String, UInt64)",
    value:
      "multiIf(number % 3 = 0, '1'::Variant(String, UInt64), number % 3 = 1, 1::UInt64::Variant(String, UInt64), " +
      "NULL::Variant(String, UInt64))",
  },
  { type: "Point", value: "(number % 3, -0.5)" },
  { type: "Ring", value: "[(number % 3, 1), (2, 3)]" },
  { type: "LineString", value: "[(number % 3, 1), (2, 3)]" },
  { type: "Polygon", value: "[[(number % 3, 1), (2, 3)]]" },
  { type: "MultiLineString", value: "[[(number % 3, 1), (2, 3)]]" },
  { type: "MultiPolygon", value: "[[[(number % 3, 1), (2, 3)]]]" },
  { type: "AggregateFunction(sum, Int64)", value: "initializeAggregation('sumState', toInt64(number % 5))" },
  {
    type: "AggregateFunction(uniq, String)",
    value: "initializeAggregation('uniqState', toString(number % 5))",
  },
  {
    type: "AggregateFunction(quantiles(0.5, 0.9), Float64)",
    value: "initializeAggregation('quantilesState(0.5, 0.9)', toFloat64(number % 5))",
  },
  {
    type: "AggregateFunction(groupArray, Array(String))",
    value: "initializeAggregation('groupArrayState', ['a'])",
  },
  {
    type: "AggregateFunction(uniq, LowCardinality(String))",
    value: `initializeAggregation('uniqState', ${NAMES})`,
  },
  {
    type: "AggregateFunction(argMax, LowCardinality(Nullable(String)), UInt64)",
    value: `initializeAggregation('argMaxState', toNullable(${NAMES}), toUInt64(number % 3))`,
  },
  {
    type: "AggregateFunction(groupArray, Array(LowCardinality(String)))",
    value: `initializeAggregation('groupArrayState', [toLowCardinality(${NAMES})])`,
  },
  {
    type: "AggregateFunction(quantilesTDigestIf(0.5, 0.9), Nullable(Float64), UInt8)",
    value:
      "initializeAggregation('quantilesTDigestIfState(0.5, 0.9)', toNullable(toFloat64(number % 5)), toUInt8(1))",
  },
  {
    type: "Tuple(u AggregateFunction(uniq, LowCardinality(String)), e Enum8('a' = 1, 'b' = 2))",
    value: `(initializeAggregation('uniqState', ${NAMES}), number % 2 + 1)`,
  },
  {
    type: "Map(String, AggregateFunction(any, LowCardinality(String)))",
    value: `map('k', initializeAggregation('anyState', ${NAMES}))`,
  },
  { type: "SimpleAggregateFunction(any, LowCardinality(Nullable(String)))", value: NAMES },
  {
    type: "SimpleAggregateFunction(groupUniqArrayArray, Array(String))",
    value: `[${NAMES}]`,
  },
  { type: "Array(JSON)", value: `[concat('{"a":', toString(number % 3), '}')::JSON]` },
  {
    type: "Nullable(JSON)",
    value: `if(number % 3 = 0, NULL, concat('{"a":', if(number % 2, '1', '"1"'), '}'))::Nullable(JSON)`,
  },
  { type: "JSON(a Int32, SKIP b)", value: `concat('{"a":', toString(number % 3), ',"c":"x"}')` },
  {
    type: "Geometry",
    value: "if(number % 2 = 0, (number % 3, 1.5)::Point::Geometry, [(number % 3, 1.)]::Ring::Geometry)",
  },
  { type: "QBit(Float32, 4)", value: "[number % 3, 1., 2., 3.]::QBit(Float32, 4)" },
  { type: "IntervalDay", value: "toIntervalDay(number % 5)" },
  { type: "SimpleAggregateFunction(max, Int64)", value: "number % 5" },
  { type: "SimpleAggregateFunction(anyLast, Map(String, Int8))", value: "map('a', 1, 'b', number % 3)" },
  { type: "Nested(p Int32, `q.r` Array(String))", value: `[(number % 3, [${NAMES}]), (1, [])]` },
];

/**
 * Versions store other bytes for the same of these, or hash them otherwise: zeros and NaNs that share an entry of a dictionary, and
 * some states.
 */
export const STORED_OTHERWISE =
  /^(?:LowCardinality\(Float|Array\(LowCardinality\(Nullable\(Float|AggregateFunction\(groupArray,)/;
