/** The tables that the OpenTelemetry collector's ClickHouse exporter fills, in its default shape, and rows like its own. */

const ATTRIBUTES = "Map(LowCardinality(String), String)";

/** `name type` pairs with the exporter's usual codec. */
function columns(list: readonly string[]): string {
  return list.map((column) => /CODEC|DEFAULT|UInt8$/.test(column) ? column : `${column} CODEC(ZSTD(1))`).join(
    ", ",
  );
}

/** Bloom filters over keys and values of maps. */
function mapIndices(names: readonly string[]): string {
  return names.flatMap((name) =>
    ["Keys", "Values"].map((part) =>
      `INDEX idx_${name}_${part} map${part}(${name}) TYPE bloom_filter(0.01) GRANULARITY 1`
    )
  ).join(", ");
}

const SETTINGS = "SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1";

/** Logs of before the exporter had a column for an event's name. */
export const OTEL_LOGS = `CREATE TABLE otel.otel_logs (${
  columns([
    "Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1))",
    "TimestampTime DateTime DEFAULT toDateTime(Timestamp)",
    "TraceId String",
    "SpanId String",
    "TraceFlags UInt8",
    "SeverityText LowCardinality(String)",
    "SeverityNumber UInt8",
    "ServiceName LowCardinality(String)",
    "Body String",
    "ResourceSchemaUrl LowCardinality(String)",
    `ResourceAttributes ${ATTRIBUTES}`,
    "ScopeSchemaUrl LowCardinality(String)",
    "ScopeName String",
    "ScopeVersion LowCardinality(String)",
    `ScopeAttributes ${ATTRIBUTES}`,
    `LogAttributes ${ATTRIBUTES}`,
  ])
}, INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1, ${
  mapIndices(["ResourceAttributes", "ScopeAttributes", "LogAttributes"])
}, INDEX idx_body Body TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 8) ENGINE = MergeTree ` +
  `PARTITION BY toDate(TimestampTime) PRIMARY KEY (ServiceName, TimestampTime) ` +
  `ORDER BY (ServiceName, TimestampTime, Timestamp) TTL TimestampTime + toIntervalDay(3650) ${SETTINGS}`;

const TRACES = `CREATE TABLE otel.otel_traces (${
  columns([
    "Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1))",
    ...["TraceId", "SpanId", "ParentSpanId", "TraceState"].map((name) => `${name} String`),
    ...["SpanName", "SpanKind", "ServiceName"].map((name) => `${name} LowCardinality(String)`),
    `ResourceAttributes ${ATTRIBUTES}`,
    "ScopeName String",
    "ScopeVersion String",
    `SpanAttributes ${ATTRIBUTES}`,
    "Duration UInt64 CODEC(T64, ZSTD(1))",
    "StatusCode LowCardinality(String)",
    "StatusMessage String",
    `Events Nested (Timestamp DateTime64(9), Name LowCardinality(String), Attributes ${ATTRIBUTES})`,
    `Links Nested (TraceId String, SpanId String, TraceState String, Attributes ${ATTRIBUTES})`,
  ])
}, SpanAttributeItems Array(String) ALIAS arrayMap((k, v) -> concat(k, '=', v), mapKeys(SpanAttributes), ` +
  `mapValues(SpanAttributes)), ${mapIndices(["ResourceAttributes", "SpanAttributes"])}, ` +
  `INDEX idx_duration Duration TYPE minmax GRANULARITY 1) ENGINE = MergeTree PARTITION BY toDate(Timestamp) ` +
  `PRIMARY KEY (ServiceName, SpanName, toDateTime(Timestamp)) ` +
  `ORDER BY (ServiceName, SpanName, toDateTime(Timestamp), Timestamp) ` +
  `TTL toDateTime(Timestamp) + toIntervalDay(3650) ${SETTINGS}`;

const TRACE_IDS = [
  `CREATE TABLE otel.otel_traces_trace_id_ts (TraceId String CODEC(ZSTD(1)), Start DateTime CODEC(Delta(4), ZSTD(1)), ` +
  `End DateTime CODEC(Delta(4), ZSTD(1)), INDEX idx_trace_id TraceId TYPE bloom_filter(0.01) GRANULARITY 1) ` +
  `ENGINE = MergeTree PARTITION BY toDate(Start) ORDER BY (TraceId, Start) ${SETTINGS}`,
  `CREATE MATERIALIZED VIEW otel.otel_traces_trace_id_ts_mv TO otel.otel_traces_trace_id_ts AS SELECT TraceId, ` +
  `min(Timestamp) AS Start, max(Timestamp) AS End FROM otel.otel_traces WHERE TraceId != '' GROUP BY TraceId`,
];

/** What each kind of metric has besides the columns of all. */
const METRICS = {
  gauge: ["Value Float64", "Flags UInt32"],
  sum: ["Value Float64", "Flags UInt32", "AggregationTemporality Int32", "IsMonotonic Boolean"],
  histogram: ["Count UInt64", "Sum Float64", "BucketCounts Array(UInt64)", "ExplicitBounds Array(Float64)"],
  exponential_histogram: ["Count UInt64", "Sum Float64", "Scale Int32", "PositiveBucketCounts Array(UInt64)"],
  summary: ["Count UInt64", "Sum Float64", "ValueAtQuantiles Nested (Quantile Float64, Value Float64)"],
} as const;

function metrics(kind: keyof typeof METRICS): string {
  const exemplars =
    `Exemplars Nested (FilteredAttributes ${ATTRIBUTES}, TimeUnix DateTime64(9), Value Float64, ` +
    `SpanId String, TraceId String)`;
  return `CREATE TABLE otel.otel_metrics_${kind} (${
    columns([
      `ResourceAttributes ${ATTRIBUTES}`,
      "ScopeName String",
      `ScopeAttributes ${ATTRIBUTES}`,
      "ServiceName LowCardinality(String)",
      "MetricName String",
      "MetricUnit String",
      `Attributes ${ATTRIBUTES}`,
      "StartTimeUnix DateTime64(9) CODEC(Delta(8), ZSTD(1))",
      "TimeUnix DateTime64(9) CODEC(Delta(8), ZSTD(1))",
      ...METRICS[kind],
      exemplars,
    ])
  }, ${mapIndices(["ResourceAttributes", "ScopeAttributes", "Attributes"])}) ENGINE = MergeTree ` +
    `PARTITION BY toDate(TimeUnix) ORDER BY (ServiceName, MetricName, Attributes, toUnixTimestamp64Nano(TimeUnix)) ` +
    `TTL toDateTime(TimeUnix) + toIntervalDay(3650) ${SETTINGS}`;
}

export const METRIC_KINDS = Object.keys(METRICS) as (keyof typeof METRICS)[];

/** Statements that make the database and all its tables. */
export const OTEL_SCHEMA: readonly string[] = [
  "CREATE DATABASE otel",
  OTEL_LOGS,
  TRACES,
  ...TRACE_IDS,
  ...METRIC_KINDS.map(metrics),
];

/**
 * Statements that insert telemetry of a day. The same numbers make the same rows.
 *
 * @param where over `number`, to leave rows out
 */
export function otelRows(day: string, count: number, where = "1"): string[] {
  const time = `toDateTime64('${day} 00:00:00', 9, 'UTC') + number * ${86_400 / count} AS t`;
  const resource =
    "map('service.name', service, 'host.name', concat('h', toString(number % 9)), 'k8s.pod', '') AS resource";
  return otelRowsFrom(
    `(SELECT ${time}, concat('svc-', toString(number % 5)) AS service, ${resource}, ` +
      `lower(hex(sipHash128(number DIV 3))) AS trace, lower(hex(cityHash64(number))) AS span, ` +
      `map('http.method', 'GET', 'http.status', toString(200 + number % 4), 'пользователь', '😀') AS attributes, number ` +
      `FROM numbers(${count}) WHERE ${where})`,
  );
}

/** The same from a subquery with `number`, its time `t`, `service`, `trace`, `span`, and the maps `resource` and `attributes`. */
export function otelRowsFrom(events: string): string[] {
  const exemplar = "[map('a', 'b')], [t], [1.5], [span], [trace]";
  const point =
    `resource, 'scope', map('x', 'y'), service, concat('metric.', toString(number % 3)), 'ms', attributes, t, t`;
  const values = {
    gauge: "if(number % 50 = 0, nan, number / 7), 1",
    sum: "number, 0, 2, number % 2",
    histogram: "number, number * 1.5, [number, 2, 3], [0.5, 1]",
    exponential_histogram: "number, number * 1.5, 3, [1, number]",
    summary: "number, number * 1.5, [0.5, 0.99], [number, number * 2]",
  };
  return [
    `INSERT INTO otel.otel_logs (Timestamp, TraceId, SpanId, TraceFlags, SeverityText, SeverityNumber, ServiceName, Body, ` +
    `ResourceAttributes, LogAttributes) SELECT t, trace, span, 1, if(number % 10, 'INFO', 'ERROR'), 9, service, ` +
    `concat('request ', toString(number), ' done'), resource, attributes FROM ${events}`,
    `INSERT INTO otel.otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, ` +
    `ResourceAttributes, SpanAttributes, Duration, StatusCode, Events.Timestamp, Events.Name, Events.Attributes, ` +
    `Links.TraceId, Links.SpanId, Links.TraceState, Links.Attributes) SELECT t, trace, span, '', ` +
    `concat('GET /', toString(number % 4)), 'Server', service, resource, attributes, number * 1000, 'Ok', [t, t], ` +
    `['a', 'b'], [attributes, map()], [], [], [], [] FROM ${events}`,
    ...METRIC_KINDS.map((kind) =>
      `INSERT INTO otel.otel_metrics_${kind} SELECT ${point}, ${values[kind]}, ${exemplar} FROM ${events}`
    ),
  ];
}
