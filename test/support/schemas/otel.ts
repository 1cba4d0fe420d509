/** The OpenTelemetry collector's ClickHouse exporter: attributes as maps, its default, and as JSON. */
import { OTEL_SCHEMA, otelRowsFrom } from "../data/otel.ts";
import { LABEL, type SchemaFixture, table, typed, view } from "./fixture.ts";

const SETTINGS = "SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1";
const keys = "Array(LowCardinality(String)) CODEC(ZSTD(1))";

const AS_JSON = [
  "CREATE DATABASE otel_json",
  table(
    "otel_json.otel_logs",
    [
      "Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1))",
      ...typed("String CODEC(ZSTD(1))", "TraceId", "SpanId"),
      "TraceFlags UInt8",
      ...typed(LABEL, "SeverityText", "ServiceName"),
      "SeverityNumber UInt8",
      "Body String CODEC(ZSTD(1))",
      ...typed("JSON CODEC(ZSTD(1))", "ResourceAttributes", "ScopeAttributes", "LogAttributes"),
      ...typed(keys, "ResourceAttributesKeys", "ScopeAttributesKeys", "LogAttributesKeys"),
      "INDEX idx_log_attr_keys LogAttributesKeys TYPE bloom_filter(0.01) GRANULARITY 1",
      "INDEX idx_body Body TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 8",
    ],
    "MergeTree PARTITION BY toDate(Timestamp) PRIMARY KEY (ServiceName, toDateTime(Timestamp)) " +
      `ORDER BY (ServiceName, toDateTime(Timestamp), Timestamp) TTL toDateTime(Timestamp) + toIntervalDay(3650) ${SETTINGS}`,
  ),
  table(
    "otel_json.otel_traces",
    [
      "Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1))",
      ...typed("String CODEC(ZSTD(1))", "TraceId", "SpanId", "ParentSpanId"),
      ...typed(LABEL, "SpanName", "ServiceName"),
      ...typed("JSON CODEC(ZSTD(1))", "ResourceAttributes", "SpanAttributes"),
      `SpanAttributesKeys ${keys}`,
      "Duration UInt64 CODEC(ZSTD(1))",
      "Events Nested (Timestamp DateTime64(9), Name LowCardinality(String), Attributes JSON)",
    ],
    "MergeTree PARTITION BY toDate(Timestamp) ORDER BY (ServiceName, SpanName, toDateTime(Timestamp)) " +
      `TTL toDateTime(Timestamp) + toIntervalDay(3650) ${SETTINGS}`,
  ),
  table(
    "otel_json.otel_traces_trace_id_ts",
    ["TraceId String", "Start DateTime", "End DateTime"],
    `MergeTree PARTITION BY toDate(Start) ORDER BY (TraceId, Start) ${SETTINGS}`,
  ),
  view(
    "otel_json.otel_traces_trace_id_ts_mv",
    "otel_json.otel_traces_trace_id_ts",
    "SELECT TraceId, min(Timestamp) AS Start, max(Timestamp) AS End FROM otel_json.otel_traces WHERE TraceId != '' GROUP BY TraceId",
  ),
];

export const OTEL: SchemaFixture = {
  system: "OpenTelemetry collector",
  statements: [...OTEL_SCHEMA, ...AS_JSON],
  rows(_site, from) {
    // No 2 beside the 1.5: servers before 26.3 take it for another type where it comes second.
    const attributes =
      `concat('{"http":{"status":', toString(200 + number % 3), ',"route":"/x"},"n":', number % 2 ? '1.5' : '"x"', '}')`;
    const json = "toJSONString(resource), ['service.name', 'host.name']";
    return [
      ...otelRowsFrom(
        `(SELECT number, t, service, resource, trace, span, map('http.method', 'GET') AS attributes FROM ${from})`,
      ),
      `INSERT INTO otel_json.otel_logs (Timestamp, TraceId, SpanId, TraceFlags, SeverityText, ServiceName, SeverityNumber, Body, ` +
      `ResourceAttributes, ResourceAttributesKeys, ScopeAttributes, LogAttributes, LogAttributesKeys) SELECT t, trace, span, 1, ` +
      `'INFO', service, 9, concat('request ', toString(number)), ${json}, '{}', ${attributes}, ['http.status'] FROM ${from}`,
      `INSERT INTO otel_json.otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, ServiceName, ResourceAttributes, ` +
      `SpanAttributes, Duration, Events.Timestamp, Events.Name, Events.Attributes) SELECT t, trace, span, parent, 'GET /', service, ` +
      `toJSONString(resource), ${attributes}, number, [t], ['e'], [${attributes}::JSON] FROM ${from}`,
    ];
  },
  outcomes: {
    "otel.otel_logs": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "otel.otel_metrics_exponential_histogram": [
      "missing, repaired; partial, repaired",
      "the same rows",
      "in sync",
    ],
    "otel.otel_metrics_gauge": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "otel.otel_metrics_histogram": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "otel.otel_metrics_sum": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "otel.otel_metrics_summary": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "otel.otel_traces": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "otel.otel_traces_trace_id_ts": ["derived", "the same once merged", "derived"],
    "otel_json.otel_logs": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "otel_json.otel_traces": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "otel_json.otel_traces_trace_id_ts": ["derived", "the same once merged", "derived"],
  },
  merged: {
    "otel.otel_traces_trace_id_ts":
      "SELECT TraceId, min(Start), max(End) FROM otel.otel_traces_trace_id_ts GROUP BY TraceId ORDER BY ALL",
    "otel_json.otel_traces_trace_id_ts":
      "SELECT TraceId, min(Start), max(End) FROM otel_json.otel_traces_trace_id_ts GROUP BY TraceId ORDER BY ALL",
  },
  excludes: [],
  left: {},
};
