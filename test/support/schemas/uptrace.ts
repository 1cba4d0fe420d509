/** Uptrace: an index and the data of spans and logs, datapoints that are added up, Buffer tables before them. */
import { LABEL, olderTable, type SchemaFixture, table, typed, view } from "./fixture.ts";

const BY_DAY = "PARTITION BY toDate(time)";
const EXPIRES = "TTL toDate(time) + toIntervalDay(3650) SETTINGS ttl_only_drop_parts = 1";

const index = (kind: string) =>
  table(`uptrace.${kind}_index`, [
    "id UInt64 Codec(T64, ZSTD(1))",
    "trace_id UUID",
    "parent_id UInt64",
    "project_id UInt32 Codec(DoubleDelta, ZSTD(1))",
    ...typed(LABEL, "type", "system", "kind", "name", "service_name", "host_name"),
    "group_id UInt64 Codec(Delta, ZSTD(1))",
    "time DateTime Codec(Delta, ZSTD(1))",
    "duration Int64 Codec(T64, ZSTD(1))",
    "count Float32",
    "all_keys Array(LowCardinality(String))",
    "attrs JSON",
  ], `MergeTree ORDER BY (project_id, system, group_id, time) ${BY_DAY} ${EXPIRES}`);
const data = (kind: string) =>
  table(`uptrace.${kind}_data`, [
    "project_id UInt32",
    `type ${LABEL}`,
    "trace_id UUID",
    "id UInt64 Codec(T64, ZSTD(1))",
    "parent_id UInt64",
    "time DateTime64(6) Codec(Delta, ZSTD(1))",
    "data String",
  ], `MergeTree ORDER BY (trace_id, id) ${BY_DAY} ${EXPIRES}, index_granularity = 2048`);
const datapoints = (width: string) =>
  olderTable(`uptrace.datapoint_${width}`, [
    "project_id UInt32",
    `metric ${LABEL}`,
    "time DateTime Codec(DoubleDelta, ZSTD(1))",
    "attrs_hash UInt64",
    `instrument ${LABEL}`,
    "min SimpleAggregateFunction(min, Float64)",
    "max SimpleAggregateFunction(max, Float64)",
    "sum SimpleAggregateFunction(sum, Float64)",
    "count SimpleAggregateFunction(sum, UInt64)",
    "gauge SimpleAggregateFunction(anyLast, Float64)",
    "histogram AggregateFunction(quantilesBFloat16(0.5), Float32)",
    "string_keys Array(LowCardinality(String))",
    "string_values Array(String)",
    "annotations SimpleAggregateFunction(max, String)",
  ], `AggregatingMergeTree ${BY_DAY} ORDER BY (project_id, metric, time, attrs_hash) ${EXPIRES}`);
const buffered = (name: string) =>
  `CREATE TABLE uptrace.${name}_buffer AS uptrace.${name} ENGINE = Buffer('uptrace', '${name}', 5, 5, 45, 1000000, 1000000, ` +
  "500000000, 500000000)";

export const UPTRACE: SchemaFixture = {
  system: "Uptrace",
  statements: [
    "CREATE DATABASE uptrace",
    index("spans"),
    data("spans"),
    index("logs"),
    data("logs"),
    buffered("spans_index"),
    buffered("spans_data"),
    "CREATE TABLE uptrace.tracing_data AS uptrace.spans_data ENGINE = Merge('uptrace', '^(spans|logs)_data$')",
    ...datapoints("minutes"),
    ...datapoints("hours"),
    view(
      "uptrace.datapoint_hours_mv",
      "uptrace.datapoint_hours",
      "SELECT m.project_id AS project_id, m.metric AS metric, toStartOfHour(m.time) AS time, m.attrs_hash AS attrs_hash, " +
        "anyLast(m.instrument) AS instrument, min(m.min) AS min, max(m.max) AS max, sum(m.sum) AS sum, sum(m.count) AS count, " +
        "anyLast(m.gauge) AS gauge, quantilesBFloat16MergeState(0.5)(m.histogram) AS histogram, any(m.string_keys) AS string_keys, " +
        "any(m.string_values) AS string_values, max(m.annotations) AS annotations FROM uptrace.datapoint_minutes AS m " +
        "GROUP BY m.project_id, m.metric, toStartOfHour(m.time), m.attrs_hash",
    ),
    table(
      "uptrace.service_graph_edges",
      [
        "project_id UInt32",
        `type ${LABEL}`,
        "time DateTime",
        ...typed(LABEL, "client_name", "server_name", "deployment_environment"),
        "client_duration_min SimpleAggregateFunction(min, Float32)",
        "client_duration_max SimpleAggregateFunction(max, Float32)",
        "client_duration_sum SimpleAggregateFunction(sumWithOverflow, Float32)",
        ...typed("SimpleAggregateFunction(sumWithOverflow, UInt32)", "count", "error_count"),
      ],
      `AggregatingMergeTree ${BY_DAY} ORDER BY (project_id, time, type, client_name, server_name, deployment_environment) ${EXPIRES}`,
    ),
  ],
  rows(site, from) {
    const uuid =
      "toUUID(concat(substring(trace, 1, 8), '-', substring(trace, 9, 4), '-', substring(trace, 13, 4), '-', " +
      "substring(trace, 17, 4), '-', substring(trace, 21)))";
    const attrs = `'{"http":{"route":"/x"},"n":1}'`;
    // A span has the id of the program that made it; to a log record Uptrace gives one.
    const id = (kind: string) => kind === "spans" ? "cityHash64(number)" : `sipHash64('${site}', number)`;
    const both = (kind: string, type: string) => [
      `INSERT INTO uptrace.${kind}_index SELECT ${
        id(kind)
      }, ${uuid}, 0, 1, '${type}', 'http', 'server', 'GET /', service, 'h', ` +
      `cityHash64(service), toDateTime(t), number * 1000, 1, ['http.route'], ${attrs} FROM ${from}`,
      `INSERT INTO uptrace.${kind}_data SELECT 1, '${type}', ${uuid}, ${
        id(kind)
      }, 0, t, concat('packed ', toString(number)) FROM ${from}`,
    ];
    return [
      ...both("spans", "httpserver"),
      ...both("logs", "log"),
      `INSERT INTO uptrace.datapoint_minutes SELECT 1, 'latency', toStartOfMinute(toDateTime(t)) AS minute, cityHash64(service), ` +
      `'histogram', min(number), max(number), sum(number), count(), any(number), quantilesBFloat16State(0.5)(toFloat32(number)), ` +
      `['service'], [service], '' FROM ${from} GROUP BY minute, service`,
      `INSERT INTO uptrace.service_graph_edges SELECT 1, 'http', toStartOfMinute(toDateTime(t)) AS minute, service, 'db', '', ` +
      `min(number), max(number), sum(number), count(), 0 FROM ${from} GROUP BY minute, service`,
    ];
  },
  outcomes: {
    "uptrace.datapoint_hours": ["derived", "rows missing", "derived"],
    "uptrace.datapoint_minutes": ["aggregated; missing, repaired", "rows missing", "aggregated"],
    "uptrace.logs_data": ["independent; missing, repaired", "rows missing", "independent"],
    "uptrace.logs_index": [
      "independent; missing, repaired; partial, repaired",
      "rows missing",
      "independent",
    ],
    "uptrace.service_graph_edges": ["aggregated; missing, repaired", "rows missing", "aggregated"],
    "uptrace.spans_data": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "uptrace.spans_data_buffer": ["left out", "nothing of its own", "left out"],
    "uptrace.spans_index": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "uptrace.spans_index_buffer": ["left out", "nothing of its own", "left out"],
    "uptrace.tracing_data": ["left out", "nothing of its own", "left out"],
  },
  event: { "uptrace.logs_index": "time, service_name, trace_id", "uptrace.logs_data": "time, data" },
  excludes: ["uptrace.logs_index", "uptrace.logs_data"],
  left: { "uptrace.datapoint_minutes": "aggregated", "uptrace.service_graph_edges": "aggregated" },
  standby: { "uptrace.datapoint_hours": "all keys, other values" },
};
