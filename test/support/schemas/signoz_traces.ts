/** The tables of SigNoz that hold traces, and what views make of them. */
import { ATTRIBUTES, LABEL, table, TEN_YEARS, typed, view } from "./fixture.ts";
import { distributed, expires, NUMBERS } from "./signoz_logs.ts";

export const SIGNOZ_TRACES: readonly string[] = [
  "CREATE DATABASE signoz_traces",
  table(
    "signoz_traces.signoz_index_v3",
    [
      "ts_bucket_start UInt64 CODEC(DoubleDelta, LZ4)",
      "resource_fingerprint String",
      "timestamp DateTime64(9) CODEC(DoubleDelta, LZ4)",
      "trace_id FixedString(32)",
      ...typed("String CODEC(ZSTD(1))", "span_id", "parent_span_id"),
      `name ${LABEL}`,
      "kind Int8 CODEC(T64, ZSTD(1))",
      "duration_nano UInt64 CODEC(T64, ZSTD(1))",
      "status_code Int16",
      `attributes_string ${ATTRIBUTES}`,
      `attributes_number ${NUMBERS}`,
      `resources_string ${ATTRIBUTES}`,
      "events Array(String) CODEC(ZSTD(2))",
      "has_error Bool",
      "`resource_string_service$$name` LowCardinality(String) DEFAULT resources_string['service.name']",
      "`resource_string_service$$name_exists` Bool DEFAULT if(mapContains(resources_string, 'service.name') != 0, true, false)",
      "traceID FixedString(32) ALIAS trace_id",
      "serviceName LowCardinality(String) ALIAS `resource_string_service$$name`",
      "INDEX idx_trace_id trace_id TYPE tokenbf_v1(10000, 5, 0) GRANULARITY 1",
      "INDEX idx_duration duration_nano TYPE minmax GRANULARITY 1",
    ],
    "MergeTree PARTITION BY toDate(timestamp) " +
      "ORDER BY (ts_bucket_start, resource_fingerprint, has_error, name, timestamp) " + expires("timestamp"),
  ),
  table("signoz_traces.trace_summary", [
    "trace_id String",
    "start SimpleAggregateFunction(min, DateTime64(9))",
    "end SimpleAggregateFunction(max, DateTime64(9))",
    "num_spans SimpleAggregateFunction(sum, UInt64)",
  ], "AggregatingMergeTree PARTITION BY toDate(end) ORDER BY trace_id " + expires("end")),
  view(
    "signoz_traces.trace_summary_mv",
    "signoz_traces.trace_summary",
    "SELECT trace_id, min(timestamp) AS start, max(timestamp) AS end, toUInt64(count()) AS num_spans " +
      "FROM signoz_traces.signoz_index_v3 GROUP BY trace_id",
  ),
  table(
    "signoz_traces.dependency_graph_minutes_v2",
    [
      ...typed(LABEL, "src", "dest"),
      "duration_quantiles_state AggregateFunction(quantiles(0.5, 0.75, 0.9, 0.95, 0.99), Float64)",
      ...typed("SimpleAggregateFunction(sum, UInt64)", "error_count", "total_count"),
      "timestamp DateTime CODEC(DoubleDelta, LZ4)",
      `deployment_environment ${LABEL}`,
    ],
    "AggregatingMergeTree PARTITION BY toDate(timestamp) ORDER BY (timestamp, src, dest, deployment_environment) " +
      `TTL toDateTime(timestamp) + toIntervalSecond(${TEN_YEARS})`,
  ),
  view(
    "signoz_traces.dependency_graph_minutes_service_calls_mv_v2",
    "signoz_traces.dependency_graph_minutes_v2",
    "SELECT A.`resource_string_service$$name` AS src, B.`resource_string_service$$name` AS dest, " +
      "quantilesState(0.5, 0.75, 0.9, 0.95, 0.99)(toFloat64(B.duration_nano)) AS duration_quantiles_state, " +
      "countIf(B.status_code = 2) AS error_count, count(*) AS total_count, toStartOfMinute(B.timestamp) AS timestamp, " +
      "B.resources_string['deployment.environment'] AS deployment_environment " +
      "FROM signoz_traces.signoz_index_v3 AS A, signoz_traces.signoz_index_v3 AS B " +
      "WHERE A.`resource_string_service$$name` != B.`resource_string_service$$name` AND A.span_id = B.parent_span_id " +
      "GROUP BY timestamp, src, dest, deployment_environment",
  ),
  table("signoz_traces.top_level_operations", [
    ...typed(LABEL, "name", "serviceName"),
    "time DateTime DEFAULT now()",
  ], "ReplacingMergeTree ORDER BY (serviceName, name) TTL time + toIntervalMonth(120)"),
  view(
    "signoz_traces.root_operations",
    "signoz_traces.top_level_operations",
    "SELECT DISTINCT name, `resource_string_service$$name` AS serviceName FROM signoz_traces.signoz_index_v3 " +
      "WHERE parent_span_id = ''",
  ),
  table("signoz_traces.signoz_error_index_v2", [
    "timestamp DateTime64(9) CODEC(DoubleDelta, LZ4)",
    ...typed("FixedString(32)", "errorID", "groupID", "traceID"),
    "spanID String",
    ...typed(LABEL, "serviceName", "exceptionType"),
    ...typed("String", "exceptionMessage", "exceptionStacktrace"),
    `resourceTagsMap ${ATTRIBUTES}`,
    "INDEX idx_error_id errorID TYPE bloom_filter GRANULARITY 4",
  ], "MergeTree PARTITION BY toDate(timestamp) ORDER BY (timestamp, groupID) " + expires("timestamp")),
  distributed("signoz_traces", "signoz_index_v3", "cityHash64(trace_id)"),
];
