/** Coroot: the collector's tables with keys of its own, lists of names that views keep, a histogram, profiles and metrics. */
import { ATTRIBUTES, LABEL, type SchemaFixture, table, typed, view } from "./fixture.ts";

const expires = (time: string) => `TTL toDateTime(${time}) + toIntervalSecond(315360000)`;
const SETTINGS = "SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1";
const NANOS = "DateTime64(9) CODEC(Delta, ZSTD(1))";
const lastSeen = (name: string, keys: readonly string[]) =>
  table(
    `coroot.${name}`,
    [...typed(`${LABEL} CODEC(ZSTD(1))`, ...keys), `LastSeen ${NANOS}`],
    `ReplacingMergeTree PRIMARY KEY (${keys.join(", ")}) ${
      expires("LastSeen")
    } PARTITION BY toDate(LastSeen)`,
  );

export const COROOT: SchemaFixture = {
  system: "Coroot",
  statements: [
    "CREATE DATABASE coroot",
    table(
      "coroot.otel_logs",
      [
        `Timestamp ${NANOS}`,
        ...typed("String", "TraceId", "SpanId"),
        "TraceFlags UInt32",
        ...typed(LABEL, "SeverityText", "ServiceName"),
        "SeverityNumber Int32",
        "Body String",
        ...typed(ATTRIBUTES, "ResourceAttributes", "LogAttributes"),
        "INDEX idx_body Body TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 1",
      ],
      `MergeTree ${expires("Timestamp")} PARTITION BY toDate(Timestamp) ` +
        `ORDER BY (ServiceName, SeverityText, toUnixTimestamp(Timestamp), TraceId) ${SETTINGS}`,
    ),
    lastSeen("otel_logs_service_name_severity_text", ["ServiceName", "SeverityText"]),
    view(
      "coroot.otel_logs_service_name_severity_text_mv",
      "coroot.otel_logs_service_name_severity_text",
      "SELECT ServiceName, SeverityText, max(Timestamp) AS LastSeen FROM coroot.otel_logs GROUP BY ServiceName, SeverityText",
    ),
    table(
      "coroot.otel_traces",
      [
        `Timestamp ${NANOS}`,
        ...typed("String", "TraceId", "SpanId", "ParentSpanId"),
        ...typed(LABEL, "SpanName", "SpanKind", "ServiceName", "StatusCode"),
        ...typed(ATTRIBUTES, "ResourceAttributes", "SpanAttributes"),
        "Duration Int64",
        `Events Nested (Timestamp DateTime64(9), Name LowCardinality(String), Attributes ${ATTRIBUTES})`,
      ],
      `MergeTree ${expires("Timestamp")} PARTITION BY toDate(Timestamp) ` +
        `ORDER BY (ServiceName, SpanName, toUnixTimestamp(Timestamp), TraceId) ${SETTINGS}`,
    ),
    "ALTER TABLE coroot.otel_traces ADD COLUMN NetSockPeerAddr LowCardinality(String) MATERIALIZED " +
    "SpanAttributes['net.sock.peer.addr'] CODEC(ZSTD(1))",
    table(
      "coroot.otel_traces_histogram",
      [
        ...typed(LABEL, "ServiceName", "SpanName", "SpanKind"),
        "Root UInt8",
        ...typed(LABEL, "NetSockPeerAddr", "NetPeerName"),
        "Timestamp DateTime CODEC(Delta, ZSTD(1))",
        "Bucket Float64",
        ...typed("UInt64", "Total", "Failed"),
      ],
      `SummingMergeTree ${expires("Timestamp")} PARTITION BY toDate(Timestamp) ` +
        `ORDER BY (ServiceName, SpanName, SpanKind, Root, Timestamp, NetSockPeerAddr, NetPeerName, Bucket) ${SETTINGS}`,
    ),
    view(
      "coroot.otel_traces_histogram_mv",
      "coroot.otel_traces_histogram",
      "SELECT ServiceName, SpanName, SpanKind, ParentSpanId = '' AS Root, NetSockPeerAddr, SpanAttributes['net.peer.name'] AS NetPeerName, " +
        "toDateTime(toStartOfMinute(Timestamp)) AS Timestamp, roundDown(Duration / 1000000, [0, 5, 10, 25, 50, 100, 250, 500]) AS Bucket, " +
        "count(1) AS Total, countIf(StatusCode = 'STATUS_CODE_ERROR') AS Failed FROM coroot.otel_traces " +
        "GROUP BY ServiceName, SpanName, SpanKind, Root, NetSockPeerAddr, NetPeerName, Timestamp, Bucket",
    ),
    table(
      "coroot.otel_traces_trace_id_ts",
      [
        "TraceId String",
        ...typed(NANOS, "Start", "End"),
        "INDEX idx_trace_id TraceId TYPE bloom_filter(0.01) GRANULARITY 1",
      ],
      `MergeTree ${
        expires("Start")
      } PARTITION BY toDate(Start) ORDER BY (TraceId, toUnixTimestamp(Start)) ${SETTINGS}`,
    ),
    view(
      "coroot.otel_traces_trace_id_ts_mv",
      "coroot.otel_traces_trace_id_ts",
      "SELECT TraceId, min(Timestamp) AS Start, max(Timestamp) AS End FROM coroot.otel_traces WHERE TraceId != '' GROUP BY TraceId",
    ),
    lastSeen("otel_traces_service_name", ["ServiceName"]),
    view(
      "coroot.otel_traces_service_name_mv",
      "coroot.otel_traces_service_name",
      "SELECT ServiceName, max(Timestamp) AS LastSeen FROM coroot.otel_traces GROUP BY ServiceName",
    ),
    table(
      "coroot.profiling_stacks",
      [`ServiceName ${LABEL}`, "Hash UInt64", `LastSeen ${NANOS}`, "Stack Array(String)"],
      `ReplacingMergeTree PRIMARY KEY (ServiceName, Hash) ${
        expires("LastSeen")
      } PARTITION BY toDate(LastSeen) ORDER BY (ServiceName, Hash)`,
    ),
    table(
      "coroot.profiling_samples",
      [
        ...typed(LABEL, "ServiceName", "Type"),
        ...typed(NANOS, "Start", "End"),
        `Labels ${ATTRIBUTES}`,
        "StackHash UInt64",
        "Value Int64",
      ],
      `MergeTree ${
        expires("Start")
      } PARTITION BY toDate(Start) ORDER BY (ServiceName, Type, toUnixTimestamp(Start), toUnixTimestamp(End))`,
    ),
    lastSeen("profiling_profiles", ["ServiceName", "Type"]),
    view(
      "coroot.profiling_profiles_mv",
      "coroot.profiling_profiles",
      "SELECT ServiceName, Type, max(End) AS LastSeen FROM coroot.profiling_samples GROUP BY ServiceName, Type",
    ),
    table(
      "coroot.metrics",
      [
        "Timestamp DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))",
        "MetricHash UInt64",
        `MetricName ${LABEL}`,
        `Labels ${ATTRIBUTES}`,
        "Value Float64",
      ],
      `MergeTree PARTITION BY toDate(Timestamp) ORDER BY (MetricName, MetricHash, toUnixTimestamp(Timestamp)) ${
        expires("Timestamp")
      }`,
    ),
    table("coroot.metrics_metadata", [
      ...typed(LABEL, "MetricFamilyName", "Type"),
      "Help String",
      `Unit ${LABEL}`,
    ], "ReplacingMergeTree ORDER BY MetricFamilyName"),
  ],
  rows(site, from) {
    return [
      `INSERT INTO coroot.otel_logs SELECT t, trace, span, 1, if(number % 10, 'INFO', 'ERROR'), service, 9, ` +
      `concat('request ', toString(number)), resource, map('a', 'b') FROM ${from}`,
      `INSERT INTO coroot.otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, StatusCode, ` +
      `ResourceAttributes, SpanAttributes, Duration, Events.Timestamp, Events.Name, Events.Attributes) SELECT t, trace, span, parent, ` +
      `'GET /', 'server', service, if(number % 9, 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'), resource, ` +
      `map('net.sock.peer.addr', '10.0.0.1', 'net.peer.name', 'db'), number * 1000000, [t], ['e'], [map()] FROM ${from}`,
      // The time at which Coroot itself received the profile.
      `INSERT INTO coroot.profiling_stacks SELECT service, number % 40, t + ${
        site === "dr" ? 3 : 0
      }, ['main', 'f'] FROM ${from}`,
      `INSERT INTO coroot.profiling_samples SELECT service, 'cpu', t, t + 15, map(), number % 40, number FROM ${from}`,
      `INSERT INTO coroot.metrics SELECT toDateTime64(t, 3), cityHash64(service), 'up', map('job', service), number FROM ${from}`,
      `INSERT INTO coroot.metrics_metadata SELECT DISTINCT concat('metric_', toString(number % 600)), 'gauge', 'helps', '' FROM ${from}`,
    ];
  },
  outcomes: {
    "coroot.metrics": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "coroot.metrics_metadata": ["partial, repaired", "the same once merged", "unmerged"],
    "coroot.otel_logs": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "coroot.otel_logs_service_name_severity_text": [
      "derived; surplus",
      "all keys, other values",
      "derived; surplus",
    ],
    "coroot.otel_traces": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "coroot.otel_traces_histogram": ["derived", "the same once merged", "derived"],
    "coroot.otel_traces_service_name": ["derived; surplus", "all keys, other values", "derived; surplus"],
    "coroot.otel_traces_trace_id_ts": ["derived", "the same once merged", "derived"],
    "coroot.profiling_profiles": ["derived; surplus", "all keys, other values", "derived; surplus"],
    "coroot.profiling_samples": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "coroot.profiling_stacks": ["independent; missing, repaired", "all keys, other values", "independent"],
  },
  merged: {
    "coroot.otel_traces_trace_id_ts":
      "SELECT TraceId, min(Start), max(End) FROM coroot.otel_traces_trace_id_ts GROUP BY TraceId ORDER BY ALL",
  },
  excludes: ["coroot.profiling_stacks"],
  left: {},
};
