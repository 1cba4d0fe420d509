/** ClickStack (HyperDX): the collector's tables with columns of its own made from attributes, sessions, and rollups of attributes. */
import { ATTRIBUTES, LABEL, type SchemaFixture, table, typed, view } from "./fixture.ts";

const TTL = "TTL TimestampTime + toIntervalDay(3650)";
const BLOCKS =
  "SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, enable_block_number_column = 1, " +
  "enable_block_offset_column = 1";

const logs = (name: string) =>
  table(
    `clickstack.${name}`,
    [
      "Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1))",
      "TimestampTime DateTime DEFAULT toDateTime(Timestamp)",
      ...typed("String CODEC(ZSTD(1))", "TraceId", "SpanId"),
      "TraceFlags UInt8",
      ...typed(LABEL, "SeverityText", "ServiceName", "ScopeVersion"),
      ...typed("String CODEC(ZSTD(1))", "Body", "ScopeName"),
      ...typed(`${ATTRIBUTES} CODEC(ZSTD(1))`, "ResourceAttributes", "ScopeAttributes", "LogAttributes"),
      ...["k8s.namespace.name", "k8s.pod.name", "rum.sessionId"].map((key) =>
        `\`__hdx_materialized_${key}\` LowCardinality(String) MATERIALIZED ResourceAttributes['${key}'] CODEC(ZSTD(1))`
      ),
      "INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1",
      "INDEX idx_log_attr_key mapKeys(LogAttributes) TYPE bloom_filter(0.01) GRANULARITY 1",
      "INDEX idx_lower_body lower(Body) TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 8",
    ],
    "MergeTree PARTITION BY toDate(TimestampTime) PRIMARY KEY (ServiceName, TimestampTime) " +
      `ORDER BY (ServiceName, TimestampTime, Timestamp) ${TTL} ${BLOCKS}`,
  );

/** Counts of attribute values per quarter of an hour, and of their keys, the one fed from the other. */
function rollups(of: "logs" | "traces", maps: readonly string[], plain: readonly string[]): string[] {
  const quarter = "toStartOfFifteenMinutes(Timestamp) AS Timestamp";
  const source = `clickstack.otel_${of}`;
  const counted = (name: string, columns: readonly string[]) =>
    table(
      `${source}_${name}_rollup_15m`,
      [
        "Timestamp DateTime",
        ...columns,
        "count UInt64",
        "INDEX idx_count_minmax count TYPE minmax GRANULARITY 1",
      ],
      `SummingMergeTree PARTITION BY toDate(Timestamp) ORDER BY (ColumnIdentifier, Key, Timestamp${
        name === "kv" ? ", Value" : ""
      }) TTL Timestamp + toIntervalDay(3650) SETTINGS ttl_only_drop_parts = 1`,
    );
  const elements = [
    ...maps.map((map) =>
      `SELECT '${map}' AS ColumnIdentifier, ${quarter}, replaceRegexpAll(entry.1, '\\\\[\\\\d+\\\\]', '[*]') AS Key, ` +
      `entry.2 AS Value FROM ${source} ARRAY JOIN ${map} AS entry`
    ),
    ...plain.map((name) =>
      `SELECT 'NativeColumn' AS ColumnIdentifier, ${quarter}, '${name}' AS Key, \`${name}\` AS Value FROM ${source}`
    ),
  ].join(" UNION ALL ");
  return [
    counted("kv", [...typed(LABEL, "ColumnIdentifier", "Key"), "Value String"]),
    counted("key", typed(LABEL, "ColumnIdentifier", "Key")),
    view(
      `${source}_key_rollup_15m_mv`,
      `${source}_key_rollup_15m`,
      `SELECT Timestamp, ColumnIdentifier, Key, sum(count) AS count FROM ${source}_kv_rollup_15m GROUP BY ColumnIdentifier, Key, Timestamp`,
    ),
    view(
      `${source}_attr_kv_rollup_15m_mv`,
      `${source}_kv_rollup_15m`,
      `WITH elements AS (${elements}) SELECT Timestamp, ColumnIdentifier, Key, Value, count() AS count FROM elements ` +
        "GROUP BY Timestamp, ColumnIdentifier, Key, Value",
    ),
  ];
}

export const CLICKSTACK: SchemaFixture = {
  system: "ClickStack",
  statements: [
    "CREATE DATABASE clickstack",
    logs("otel_logs"),
    logs("hyperdx_sessions"),
    table(
      "clickstack.otel_traces",
      [
        "Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1))",
        ...typed("String CODEC(ZSTD(1))", "TraceId", "SpanId", "ParentSpanId"),
        ...typed(LABEL, "SpanName", "SpanKind", "ServiceName", "StatusCode"),
        ...typed(`${ATTRIBUTES} CODEC(ZSTD(1))`, "ResourceAttributes", "SpanAttributes"),
        "Duration UInt64 CODEC(ZSTD(1))",
        "`Events.Timestamp` Array(DateTime64(9))",
        "`Events.Name` Array(LowCardinality(String))",
        "`__hdx_materialized_rum.sessionId` String MATERIALIZED ResourceAttributes['rum.sessionId'] CODEC(ZSTD(1))",
        "SampleRate UInt64 MATERIALIZED greatest(toUInt64OrZero(SpanAttributes['SampleRate']), 1) CODEC(T64, ZSTD(1))",
        "INDEX idx_rum_session_id `__hdx_materialized_rum.sessionId` TYPE bloom_filter(0.001) GRANULARITY 1",
      ],
      "MergeTree PARTITION BY toDate(Timestamp) ORDER BY (ServiceName, SpanName, toDateTime(Timestamp)) " +
        "TTL toDate(Timestamp) + toIntervalDay(3650) SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1",
    ),
    ...rollups("logs", ["ResourceAttributes", "LogAttributes", "ScopeAttributes"], [
      "SeverityText",
      "ServiceName",
      "__hdx_materialized_k8s.pod.name",
    ]),
    ...rollups("traces", ["ResourceAttributes", "SpanAttributes"], ["SpanName", "ServiceName", "StatusCode"]),
    "CREATE TABLE clickstack.metrics_ts ENGINE = TimeSeries SETTINGS allow_experimental_time_series_table = 1",
  ],
  rows(_site, from) {
    const logged = (name: string, body: string) =>
      `INSERT INTO clickstack.${name} (Timestamp, TraceId, SpanId, TraceFlags, SeverityText, ServiceName, Body, ResourceAttributes, ` +
      `LogAttributes) SELECT t, trace, span, 1, if(number % 10, 'INFO', 'ERROR'), service, ${body}, ` +
      `mapUpdate(resource, map('k8s.pod.name', concat('pod-', toString(number % 4)))), map('http.route', '/x', 'items[3]', 'y') FROM ${from}`;
    return [
      logged("otel_logs", "concat('request ', toString(number))"),
      logged("hyperdx_sessions", "concat('{\"type\":', toString(number), '}')"),
      `INSERT INTO clickstack.otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, StatusCode, ` +
      `ResourceAttributes, SpanAttributes, Duration, Events.Timestamp, Events.Name) SELECT t, trace, span, parent, 'GET /', 'Server', ` +
      `service, 'Ok', resource, map('SampleRate', toString(number % 3)), number, [t], ['e'] FROM ${from}`,
      `INSERT INTO clickstack.metrics_ts (metric_name, tags, time_series) SELECT concat('up_', service), map('job', service), ` +
      `groupArray((toDateTime64(t, 3), toFloat64(number))) FROM ${from} GROUP BY service`,
    ];
  },
  outcomes: {
    "clickstack.hyperdx_sessions": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "clickstack.metrics_ts": ["partial, repaired; unmerged", "the same once merged", "unmerged"],
    "clickstack.otel_logs": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "clickstack.otel_logs_key_rollup_15m": ["derived", "the same once merged", "derived"],
    "clickstack.otel_logs_kv_rollup_15m": ["derived", "the same once merged", "derived"],
    "clickstack.otel_traces": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "clickstack.otel_traces_key_rollup_15m": ["derived", "the same once merged", "derived"],
    "clickstack.otel_traces_kv_rollup_15m": ["derived", "the same once merged", "derived"],
  },
  merged: {
    "clickstack.metrics_ts":
      "SELECT tags.metric_name, samples.timestamp, samples.value FROM timeSeriesSamples(clickstack.metrics_ts) AS samples JOIN (SELECT DISTINCT id, metric_name FROM timeSeriesTags(clickstack.metrics_ts)) AS tags USING id ORDER BY ALL",
  },
  excludes: [],
  left: {},
};
