/** gigapipe (qryn): integer times in nanoseconds, and tables that views fill from Null tables and from each other. */
import { LABEL, type SchemaFixture, table, typed, view } from "./fixture.ts";

const PAIRS = "Array(Tuple(String, String))";
const BY_DAY = "PARTITION BY toDate(FROM_UNIXTIME(intDiv(timestamp_ns, 1000000000)))";

export const GIGAPIPE: SchemaFixture = {
  system: "gigapipe",
  statements: [
    "CREATE DATABASE qryn",
    table("qryn.time_series", [
      "date Date",
      "fingerprint UInt64",
      ...typed("String", "labels", "name"),
      "type UInt8",
      "type_v2 UInt8 ALIAS type",
    ], "ReplacingMergeTree(date) PARTITION BY date ORDER BY (fingerprint, type)"),
    table("qryn.samples_v3", [
      "fingerprint UInt64",
      "timestamp_ns Int64 CODEC(DoubleDelta)",
      "value Float64 CODEC(Gorilla)",
      "string String",
      "type UInt8",
      "type_v2 UInt8 ALIAS type",
    ], "MergeTree PARTITION BY toStartOfDay(toDateTime(timestamp_ns / 1000000000)) ORDER BY timestamp_ns"),
    table("qryn.settings", [
      "fingerprint UInt64",
      ...typed("String", "type", "name", "value"),
      "inserted_at DateTime64(9, 'UTC')",
    ], "ReplacingMergeTree(inserted_at) ORDER BY fingerprint"),
    "CREATE TABLE qryn.samples_read (fingerprint UInt64, timestamp_ns Int64, value Float64, string String) " +
    "ENGINE = Merge('qryn', '^(samples|samples_v3)$')",
    table("qryn.time_series_gin", [
      "date Date",
      ...typed("String", "key", "val"),
      "fingerprint UInt64",
      "type UInt8",
    ], "ReplacingMergeTree PARTITION BY date ORDER BY (key, val, fingerprint, type)"),
    view(
      "qryn.time_series_gin_view",
      "qryn.time_series_gin",
      "SELECT date, pairs.1 AS key, pairs.2 AS val, fingerprint, type FROM qryn.time_series " +
        "ARRAY JOIN JSONExtractKeysAndValues(time_series.labels, 'String') AS pairs",
    ),
    table(
      "qryn.metrics_15s",
      [
        "fingerprint UInt64",
        "timestamp_ns Int64 CODEC(DoubleDelta)",
        "last AggregateFunction(argMax, Float64, Int64)",
        "max SimpleAggregateFunction(max, Float64)",
        "min SimpleAggregateFunction(min, Float64)",
        "count AggregateFunction(count)",
        ...typed("SimpleAggregateFunction(sum, Float64)", "sum", "bytes"),
        "type UInt8",
      ],
      "AggregatingMergeTree PARTITION BY toDate(toDateTime(intDiv(timestamp_ns, 1000000000))) " +
        "ORDER BY (fingerprint, timestamp_ns, type)",
    ),
    view(
      "qryn.metrics_15s_mv",
      "qryn.metrics_15s",
      "SELECT fingerprint, intDiv(samples.timestamp_ns, 15000000000) * 15000000000 AS timestamp_ns, " +
        "argMaxState(value, samples.timestamp_ns) AS last, maxSimpleState(value) AS max, minSimpleState(value) AS min, " +
        "countState() AS count, sumSimpleState(value) AS sum, sumSimpleState(length(string)) AS bytes, type " +
        "FROM qryn.samples_v3 AS samples GROUP BY fingerprint, timestamp_ns, type",
    ),
    table(
      "qryn.tempo_traces",
      [
        "oid String DEFAULT '0'",
        "trace_id FixedString(16)",
        "span_id FixedString(8)",
        ...typed("String", "parent_id", "name"),
        "timestamp_ns Int64 CODEC(DoubleDelta)",
        "duration_ns Int64",
        "service_name String",
        "payload_type Int8",
        "payload String",
      ],
      "MergeTree PARTITION BY (oid, toDate(FROM_UNIXTIME(intDiv(timestamp_ns, 1000000000)))) ORDER BY (oid, trace_id, timestamp_ns)",
    ),
    table(
      "qryn.tempo_traces_attrs_gin",
      [
        "oid String",
        "date Date",
        ...typed("String", "key", "val"),
        "trace_id FixedString(16)",
        "span_id FixedString(8)",
        ...typed("Int64", "timestamp_ns", "duration"),
      ],
      "ReplacingMergeTree PARTITION BY date ORDER BY (oid, date, key, val, timestamp_ns, trace_id, span_id)",
    ),
    table(
      "qryn.tempo_traces_kv",
      ["oid String", "date Date", "key String", "val_id UInt64", "val String"],
      "ReplacingMergeTree PARTITION BY (oid, date) ORDER BY (oid, date, key, val_id)",
    ),
    view(
      "qryn.tempo_traces_kv_mv",
      "qryn.tempo_traces_kv",
      "SELECT oid, date, key, cityHash64(val) % 10000 AS val_id, val FROM qryn.tempo_traces_attrs_gin",
    ),
    table("qryn.traces_input", [
      "oid String DEFAULT '0'",
      ...typed("String", "trace_id", "span_id", "parent_id", "name"),
      ...typed("Int64", "timestamp_ns", "duration_ns"),
      "service_name String",
      "payload_type Int8",
      "payload String",
      `tags ${PAIRS}`,
    ], "Null"),
    view(
      "qryn.traces_input_traces_mv",
      "qryn.tempo_traces",
      "SELECT oid, unhex(trace_id)::FixedString(16) AS trace_id, unhex(span_id)::FixedString(8) AS span_id, " +
        "unhex(parent_id) AS parent_id, name, timestamp_ns, duration_ns, service_name, payload_type, payload FROM qryn.traces_input",
    ),
    view(
      "qryn.traces_input_tags_mv",
      "qryn.tempo_traces_attrs_gin",
      "SELECT oid, toDate(intDiv(timestamp_ns, 1000000000)) AS date, tags.1 AS key, tags.2 AS val, " +
        "unhex(trace_id)::FixedString(16) AS trace_id, unhex(span_id)::FixedString(8) AS span_id, timestamp_ns, " +
        "duration_ns AS duration FROM qryn.traces_input ARRAY JOIN tags",
    ),
    table("qryn.profiles_input", [
      "timestamp_ns UInt64",
      ...typed(LABEL, "type", "service_name"),
      `tags ${PAIRS}`,
      "payload String",
      "values_agg Array(Tuple(String, Int64, Int32))",
    ], "Null"),
    table("qryn.profiles", [
      ...typed("UInt64 CODEC(DoubleDelta, ZSTD(1))", "timestamp_ns", "fingerprint"),
      ...typed(LABEL, "type_id", "service_name"),
      "payload String",
      "values_agg Array(Tuple(String, Int64, Int32))",
    ], `MergeTree ${BY_DAY} ORDER BY (type_id, service_name, timestamp_ns)`),
    view(
      "qryn.profiles_mv",
      "qryn.profiles",
      "SELECT timestamp_ns, cityHash64(arraySort(tags)) AS fingerprint, type AS type_id, service_name, payload, values_agg " +
        "FROM qryn.profiles_input",
    ),
    table("qryn.profiles_series", [
      "date Date",
      ...typed(LABEL, "type_id", "service_name"),
      "fingerprint UInt64",
      `tags ${PAIRS}`,
    ], "ReplacingMergeTree PARTITION BY date ORDER BY (date, type_id, fingerprint)"),
    view(
      "qryn.profiles_series_mv",
      "qryn.profiles_series",
      "SELECT toDate(intDiv(timestamp_ns, 1000000000)) AS date, type AS type_id, service_name, " +
        "cityHash64(arraySort(tags)) AS fingerprint, tags FROM qryn.profiles_input",
    ),
    table("qryn.profiles_series_gin", [
      "date Date",
      ...typed("String", "key", "val"),
      ...typed(LABEL, "type_id", "service_name"),
      "fingerprint UInt64",
    ], "ReplacingMergeTree PARTITION BY date ORDER BY (date, key, val, type_id, fingerprint)"),
    view(
      "qryn.profiles_series_gin_mv",
      "qryn.profiles_series_gin",
      "SELECT date, kv.1 AS key, kv.2 AS val, type_id, service_name, fingerprint FROM qryn.profiles_series ARRAY JOIN tags AS kv",
    ),
  ],
  rows(site, from) {
    return [
      // Each writer announces a series once, and once more each day.
      `INSERT INTO qryn.time_series SELECT DISTINCT toDate(t), cityHash64(service), toJSONString(resource), '', 1 FROM ${from} ` +
      "WHERE number % 45 < 5",
      `INSERT INTO qryn.samples_v3 SELECT cityHash64(service), ns, 0, concat('line ', toString(number)), 1 FROM ${from}`,
      `INSERT INTO qryn.samples_v3 SELECT cityHash64(service), ns, number, '', 2 FROM ${from}`,
      `INSERT INTO qryn.settings SELECT number + 1, 'update', 'v3', toString(${site === "dr" ? 7 : 3}), ` +
      `toDateTime64('2026-01-04 00:00:00', 9, 'UTC') + ${site === "dr" ? 7 : 3} FROM numbers(5)`,
      `INSERT INTO qryn.traces_input SELECT '0', trace, span, parent, 'GET /', ns, number, service, 2, 'bytes', ` +
      `[('service.name', service), ('n', toString(number))] FROM ${from}`,
      `INSERT INTO qryn.profiles_input SELECT ns, 'cpu', service, [('service_name', service)], 'pprof', [('cpu', number, 1)] ` +
      `FROM ${from} WHERE number % 3 = 0`,
    ];
  },
  outcomes: {
    "qryn.metrics_15s": ["derived", "the same once merged", "derived"],
    "qryn.profiles": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "qryn.profiles_input": ["left out", "nothing of its own", "left out"],
    "qryn.profiles_series": ["missing, repaired", "the same once merged", "in sync"],
    "qryn.profiles_series_gin": ["derived", "the same once merged", "derived"],
    "qryn.samples_read": ["left out", "nothing of its own", "left out"],
    "qryn.samples_v3": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "qryn.settings": ["surplus", "all keys, other values", "surplus"],
    "qryn.tempo_traces": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "qryn.tempo_traces_attrs_gin": [
      "missing, repaired; partial, repaired",
      "the same once merged",
      "in sync",
    ],
    "qryn.tempo_traces_kv": ["derived", "the same once merged", "derived"],
    "qryn.time_series": ["missing, repaired", "the same once merged", "in sync"],
    "qryn.time_series_gin": ["derived", "the same once merged", "derived"],
    "qryn.traces_input": ["left out", "nothing of its own", "left out"],
  },
  excludes: [],
  left: {},
};
