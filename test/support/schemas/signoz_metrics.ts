/** The tables of SigNoz that hold metrics, attributes and alerts. */
import { ATTRIBUTES, LABEL, olderTable, table, typed, view } from "./fixture.ts";
import { distributed, expires } from "./signoz_logs.ts";

const METRIC = [
  "env LowCardinality(String) DEFAULT 'default'",
  "temporality LowCardinality(String) DEFAULT 'Unspecified'",
  `metric_name ${LABEL}`,
  "fingerprint UInt64 CODEC(Delta(8), ZSTD(1))",
];
const BY_SERIES =
  "PARTITION BY toDate(unix_milli / 1000) ORDER BY (env, temporality, metric_name, fingerprint, unix_milli) " +
  expires("unix_milli / 1000");
const SERIES = [
  ...METRIC,
  "description LowCardinality(String) DEFAULT ''",
  "unit LowCardinality(String) DEFAULT ''",
  "unix_milli Int64 CODEC(Delta(8), ZSTD(1))",
  "labels String CODEC(ZSTD(5))",
  "attrs Map(LowCardinality(String), String) DEFAULT map()",
  "`__normalized` Bool DEFAULT true",
  "INDEX idx_labels labels TYPE ngrambf_v1(4, 1024, 3, 0) GRANULARITY 1",
];
const SUMMED = [
  ...METRIC,
  "unix_milli Int64 CODEC(Delta(8), ZSTD(1))",
  "last SimpleAggregateFunction(anyLast, Float64)",
  "min SimpleAggregateFunction(min, Float64)",
  "max SimpleAggregateFunction(max, Float64)",
  "sum SimpleAggregateFunction(sum, Float64)",
  "count SimpleAggregateFunction(sum, UInt64)",
];
const summed = (minutes: number, from: string, select: string) => {
  const width = minutes * 60_000;
  return [
    table(`signoz_metrics.samples_v4_agg_${minutes}m`, SUMMED, `AggregatingMergeTree ${BY_SERIES}`),
    view(
      `signoz_metrics.samples_v4_agg_${minutes}m_mv`,
      `signoz_metrics.samples_v4_agg_${minutes}m`,
      `SELECT env, temporality, metric_name, fingerprint, intDiv(unix_milli, ${width}) * ${width} AS unix_milli, ${select} ` +
        `FROM signoz_metrics.${from} GROUP BY env, temporality, metric_name, fingerprint, unix_milli`,
    ),
  ];
};

export const SIGNOZ_METRICS: readonly string[] = [
  "CREATE DATABASE signoz_metrics",
  table("signoz_metrics.samples_v4", [
    ...METRIC,
    "unix_milli Int64 CODEC(DoubleDelta, ZSTD(1))",
    "value Float64 CODEC(Gorilla, ZSTD(1))",
  ], `MergeTree ${BY_SERIES}`),
  ...summed(
    5,
    "samples_v4",
    "anyLast(value) AS last, min(value) AS min, max(value) AS max, sum(value) AS sum, count(*) AS count",
  ),
  ...summed(
    30,
    "samples_v4_agg_5m",
    "anyLast(last) AS last, min(min) AS min, max(max) AS max, sum(sum) AS sum, sum(count) AS count",
  ),
  table("signoz_metrics.time_series_v4", SERIES, `ReplacingMergeTree ${BY_SERIES}`),
  table("signoz_metrics.time_series_v4_6hrs", SERIES, `ReplacingMergeTree ${BY_SERIES}`),
  view(
    "signoz_metrics.time_series_v4_6hrs_mv",
    "signoz_metrics.time_series_v4_6hrs",
    "SELECT env, temporality, metric_name, description, unit, fingerprint, floor(unix_milli / 21600000) * 21600000 AS unix_milli, " +
      "labels, attrs, __normalized FROM signoz_metrics.time_series_v4",
  ),
  table("signoz_metrics.exp_hist", [
    ...METRIC,
    "unix_milli Int64 CODEC(DoubleDelta, ZSTD(1))",
    "count UInt64",
    ...typed("Float64 CODEC(Gorilla, ZSTD(1))", "sum", "min", "max"),
    "sketch AggregateFunction(quantilesDD(0.01, 0.5, 0.75, 0.9, 0.95, 0.99), UInt64)",
  ], `MergeTree ${BY_SERIES}`),
  ...olderTable(
    "signoz_metrics.metadata",
    [
      ...typed(
        LABEL,
        "temporality",
        "metric_name",
        "unit",
        "type",
        "attr_name",
        "attr_type",
        "attr_datatype",
      ),
      ...typed("String", "description", "attr_string_value"),
      "first_reported_unix_milli SimpleAggregateFunction(min, UInt64)",
      "last_reported_unix_milli SimpleAggregateFunction(max, UInt64)",
    ],
    "AggregatingMergeTree PARTITION BY toDate(last_reported_unix_milli / 1000) " +
      "ORDER BY (temporality, metric_name, attr_name, attr_type, attr_datatype, attr_string_value) " +
      expires("last_reported_unix_milli / 1000"),
  ),
  distributed("signoz_metrics", "samples_v4", "cityHash64(fingerprint)"),
  "CREATE DATABASE signoz_metadata",
  table(
    "signoz_metadata.attributes_metadata",
    [
      "unix_milli UInt64",
      "data_source String",
      ...typed("UInt64", "resource_fingerprint", "attrs_fingerprint"),
      ...typed(ATTRIBUTES, "resource_attributes", "attributes"),
    ],
    "ReplacingMergeTree PARTITION BY toDate(unix_milli / 1000) " +
      "ORDER BY (data_source, unix_milli, resource_fingerprint, attrs_fingerprint) " +
      expires("unix_milli / 1000"),
  ),
  "CREATE DATABASE signoz_analytics",
  table(
    "signoz_analytics.rule_state_history_v0",
    [
      "_retention_days UInt32 DEFAULT 3650",
      ...typed(LABEL, "rule_id", "state"),
      "state_changed Bool",
      "unix_milli Int64 CODEC(Delta(8), ZSTD(1))",
      "fingerprint UInt64",
      "value Float64",
      "labels String",
    ],
    "MergeTree PARTITION BY toDate(unix_milli / 1000) ORDER BY (rule_id, unix_milli) " +
      "TTL toDateTime(unix_milli / 1000) + toIntervalDay(_retention_days) SETTINGS ttl_only_drop_parts = 1",
  ),
];
