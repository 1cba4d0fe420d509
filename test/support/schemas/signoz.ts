/** SigNoz: logs, traces and metrics, each in a database of its own, every table with a Distributed one above it. */
import {
  ATTRIBUTES,
  LABEL,
  olderTable,
  type SchemaFixture,
  table,
  TEN_YEARS,
  typed,
  view,
} from "./fixture.ts";

const NUMBERS = "Map(LowCardinality(String), Float64)";
const FLAGS = "Map(LowCardinality(String), Bool)";
const expires = (time: string) =>
  `TTL toDateTime(${time}) + toIntervalSecond(${TEN_YEARS}) SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1`;
const distributed = (database: string, name: string, key: string) =>
  `CREATE TABLE ${database}.distributed_${name} AS ${database}.${name} ENGINE = Distributed('cluster', '${database}', ` +
  `'${name}', ${key})`;
const usage = (database: string) =>
  table(
    `${database}.usage`,
    [
      ...typed("String CODEC(ZSTD(1))", "tenant", "collector_id", "exporter_id"),
      "timestamp DateTime",
      "data String",
    ],
    "MergeTree ORDER BY (tenant, collector_id, exporter_id, timestamp) TTL timestamp + toIntervalDay(3650)",
  );
const migrations = (database: string) =>
  table(
    `${database}.schema_migrations_v2`,
    [
      "migration_id UInt64",
      ...typed("String", "status", "error"),
      ...typed("DateTime64(9)", "created_at", "updated_at"),
    ],
    "ReplacingMergeTree PRIMARY KEY migration_id ORDER BY migration_id",
  );

const keysView = (map: string, type: string) =>
  view(
    `signoz_logs.${map}_keys_mv`,
    map === "resources_string" ? "signoz_logs.logs_resource_keys" : "signoz_logs.logs_attribute_keys",
    `SELECT DISTINCT arrayJoin(mapKeys(${map})) AS name, '${type}' AS datatype FROM signoz_logs.logs_v2 ORDER BY name ASC`,
  );

const LOGS = [
  "CREATE DATABASE signoz_logs",
  table(
    "signoz_logs.logs_v2",
    [
      "ts_bucket_start UInt64 CODEC(DoubleDelta, LZ4)",
      "resource_fingerprint String CODEC(ZSTD(1))",
      ...typed("UInt64 CODEC(DoubleDelta, LZ4)", "timestamp", "observed_timestamp"),
      ...typed("String CODEC(ZSTD(1))", "id", "trace_id", "span_id"),
      "trace_flags UInt32",
      `severity_text ${LABEL}`,
      "severity_number UInt8",
      "body String CODEC(ZSTD(2))",
      `attributes_string ${ATTRIBUTES}`,
      `attributes_number ${NUMBERS}`,
      `attributes_bool ${FLAGS}`,
      `resources_string ${ATTRIBUTES}`,
      ...typed("String", "scope_name", "scope_version"),
      `scope_string ${ATTRIBUTES}`,
      "_retention_days UInt16 MATERIALIZED 3650",
      "INDEX id_minmax id TYPE minmax GRANULARITY 1",
      "INDEX body_idx lower(body) TYPE ngrambf_v1(4, 60000, 5, 0) GRANULARITY 1",
      "INDEX attributes_string_idx_key mapKeys(attributes_string) TYPE tokenbf_v1(1024, 2, 0) GRANULARITY 1",
    ],
    "MergeTree PARTITION BY (toDate(timestamp / 1000000000), _retention_days) " +
      "ORDER BY (ts_bucket_start, resource_fingerprint, severity_text, timestamp, id) " +
      "TTL toDateTime(timestamp / 1000000000) + toIntervalDay(_retention_days) SETTINGS ttl_only_drop_parts = 1",
  ),
  table(
    "signoz_logs.logs_v2_resource",
    [
      ...typed("String", "labels", "fingerprint"),
      "seen_at_ts_bucket_start Int64 CODEC(Delta(8), ZSTD(1))",
      "INDEX idx_labels lower(labels) TYPE ngrambf_v1(4, 1024, 3, 0) GRANULARITY 1",
    ],
    "ReplacingMergeTree PARTITION BY toDate(seen_at_ts_bucket_start / 1000) " +
      "ORDER BY (labels, fingerprint, seen_at_ts_bucket_start) " + expires("seen_at_ts_bucket_start"),
  ),
  ...["attribute", "resource"].map((kind) =>
    table(
      `signoz_logs.logs_${kind}_keys`,
      typed("String", "name", "datatype"),
      "ReplacingMergeTree ORDER BY (name, datatype)",
    )
  ),
  keysView("attributes_string", "String"),
  keysView("attributes_number", "Float64"),
  keysView("resources_string", "String"),
  table(
    "signoz_logs.tag_attributes_v2",
    [
      "unix_milli Int64 CODEC(Delta(8), ZSTD(1))",
      "tag_key String",
      ...typed(LABEL, "tag_type", "tag_data_type"),
      "string_value String",
      "number_value Nullable(Float64)",
    ],
    "ReplacingMergeTree PARTITION BY toDate(unix_milli / 1000) " +
      "ORDER BY (tag_key, tag_type, tag_data_type, string_value, number_value) " +
      `${expires("unix_milli / 1000")}, allow_nullable_key = 1`,
  ),
  usage("signoz_logs"),
  migrations("signoz_logs"),
  distributed("signoz_logs", "logs_v2", "cityHash64(id)"),
];

const TRACES = [
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

const METRICS = [
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

export const SIGNOZ: SchemaFixture = {
  system: "SigNoz",
  statements: [...LOGS, ...TRACES, ...METRICS],
  rows(site, from) {
    const bucket = "intDiv(ns, 1800000000000) * 1800";
    const metric = `concat('metric.', toString(number % 3))`;
    return [
      // The exporter gives every record an id that sorts by time.
      `INSERT INTO signoz_logs.logs_v2 SELECT ${bucket}, service, ns, ns + 5, ` +
      `concat(lower(hex(ms)), lower(hex(sipHash64('${site}', number)))), trace, span, 1, ` +
      `if(number % 10, 'INFO', 'ERROR'), 9, concat('request ', toString(number)), map('http.method', 'GET', ` +
      `concat('key-', toString(number)), 'x'), map('status', 200), map(), resource, '', '', map() FROM ${from}`,
      `INSERT INTO signoz_logs.logs_v2_resource SELECT DISTINCT toJSONString(resource), service, ${bucket} FROM ${from}`,
      `INSERT INTO signoz_logs.tag_attributes_v2 SELECT DISTINCT intDiv(ms, 3600000) * 3600000, 'number', 'tag', 'float64', ` +
      `'', number FROM ${from}`,
      `INSERT INTO signoz_logs.usage SELECT DISTINCT 'default', '${site}-collector', '${site}-exporter', ` +
      `toStartOfHour(toDateTime(t)), concat('sealed by ${site} ', toString(${bucket})) FROM ${from}`,
      `INSERT INTO signoz_logs.schema_migrations_v2 SELECT number + 1, 'finished', '', toDateTime64('2026-01-01', 9) + ` +
      `${
        site === "dr" ? 17 : 0
      }, created_at FROM (SELECT number FROM numbers(20)) SETTINGS optimize_on_insert = 1`
        .replace("created_at FROM", `toDateTime64('2026-01-01', 9) + ${site === "dr" ? 17 : 0} FROM`),
      `INSERT INTO signoz_traces.signoz_index_v3 (ts_bucket_start, resource_fingerprint, timestamp, trace_id, span_id, ` +
      `parent_span_id, name, kind, duration_nano, status_code, attributes_string, attributes_number, resources_string, events, ` +
      `has_error) SELECT ${bucket}, service, t, trace, span, parent, concat('GET /', toString(number % 4)), 2, number * 1000, ` +
      `number % 3, map('http.route', '/x'), map('n', number), resource, ['{}'], number % 3 = 2 FROM ${from}`,
      `INSERT INTO signoz_traces.signoz_error_index_v2 SELECT t, lower(hex(sipHash128('${site}', number))), ` +
      `lower(hex(sipHash128(service))), trace, span, service, 'Timeout', 'it took too long', '', resource FROM ${from} ` +
      `WHERE number % 3 = 2`,
      `INSERT INTO signoz_metrics.samples_v4 (metric_name, fingerprint, unix_milli, value) SELECT ${metric}, ` +
      `cityHash64(service), ms, number * 1.5 FROM ${from}`,
      `INSERT INTO signoz_metrics.time_series_v4 (metric_name, fingerprint, unix_milli, labels) SELECT DISTINCT ${metric}, ` +
      `cityHash64(service), intDiv(ms, 3600000) * 3600000, toJSONString(map('service.name', service)) FROM ${from}`,
      `INSERT INTO signoz_metrics.exp_hist (metric_name, fingerprint, unix_milli, count, sum, min, max, sketch) SELECT ` +
      `'latency', cityHash64(service), ms, 2, number, 0, number, ` +
      `initializeAggregation('quantilesDDState(0.01, 0.5, 0.75, 0.9, 0.95, 0.99)', toUInt64(number)) FROM ${from}`
        .replace(
          "quantilesDDState(0.01, 0.5, 0.75, 0.9, 0.95, 0.99)",
          "quantilesDDState(0.01, 0.01, 0.5, 0.75, 0.9, 0.95, 0.99)",
        ),
      `INSERT INTO signoz_metrics.metadata SELECT 'Unspecified', ${metric}, '', 'Sum', 'service.name', 'resource', 'String', '', ` +
      `service, min(ms), max(ms) FROM ${from} GROUP BY ${metric}, service, toDate(t)`,
      `INSERT INTO signoz_metadata.attributes_metadata SELECT DISTINCT intDiv(ms, 3600000) * 3600000, 'traces', ` +
      `cityHash64(service), 1, map('service.name', service), map('a', 'b') FROM ${from}`,
      // The rules are evaluated at each site by itself, a few seconds apart.
      `INSERT INTO signoz_analytics.rule_state_history_v0 SELECT 3650, 'rule-1', 'firing', true, ms + ${
        site === "dr" ? 700 : 0
      }, cityHash64(service), number, '{}' FROM ${from} WHERE number % 30 = 0`,
    ];
  },
  outcomes: {
    "signoz_analytics.rule_state_history_v0": [
      "missing, repaired; partial, repaired",
      "all rows, and its own",
      "surplus",
    ],
    "signoz_logs.distributed_logs_v2": ["left out", "nothing of its own", "left out"],
    "signoz_logs.logs_attribute_keys": ["unsupported", "the same once merged", "unsupported"],
    "signoz_logs.logs_resource_keys": ["unsupported", "the same once merged", "unsupported"],
    "signoz_logs.logs_v2": ["missing, repaired; partial, repaired", "events twice", "surplus"],
    "signoz_logs.logs_v2_resource": ["partial, repaired", "the same once merged", "in sync"],
    "signoz_logs.schema_migrations_v2": ["independent", "all keys, other values", "independent"],
    "signoz_logs.tag_attributes_v2": [
      "missing, repaired; partial, repaired",
      "the same once merged",
      "in sync",
    ],
    "signoz_logs.usage": ["partial, repaired", "all rows, and its own", "surplus"],
    "signoz_metadata.attributes_metadata": [
      "missing, repaired; partial, repaired",
      "the same once merged",
      "in sync",
    ],
    "signoz_metrics.distributed_samples_v4": ["left out", "nothing of its own", "left out"],
    "signoz_metrics.exp_hist": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "signoz_metrics.metadata": ["aggregated; missing, repaired", "the same once merged", "aggregated"],
    "signoz_metrics.samples_v4": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "signoz_metrics.samples_v4_agg_30m": ["unsupported", "the same once merged", "unsupported"],
    "signoz_metrics.samples_v4_agg_5m": ["unsupported", "the same once merged", "unsupported"],
    "signoz_metrics.time_series_v4": [
      "missing, repaired; partial, repaired",
      "the same once merged",
      "in sync",
    ],
    "signoz_metrics.time_series_v4_6hrs": ["derived", "the same once merged", "derived"],
    "signoz_traces.dependency_graph_minutes_v2": ["unsupported", "all rows, and its own", "unsupported"],
    "signoz_traces.distributed_signoz_index_v3": ["left out", "nothing of its own", "left out"],
    "signoz_traces.signoz_error_index_v2": ["independent; missing, repaired", "rows missing", "independent"],
    "signoz_traces.signoz_index_v3": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "signoz_traces.top_level_operations": ["unsupported", "all keys, other values", "unsupported"],
    "signoz_traces.trace_summary": ["unsupported", "the same once merged", "unsupported"],
  },
  event: {
    "signoz_logs.logs_v2": "timestamp, body",
    "signoz_traces.signoz_error_index_v2": "timestamp, spanID",
  },
  excludes: [
    "*.schema_migrations_v2",
    "*.usage",
    "signoz_logs.logs_v2",
    "signoz_traces.signoz_error_index_v2",
    "signoz_traces.top_level_operations",
    "signoz_traces.dependency_graph_minutes_v2",
  ],
  left: {
    "signoz_metrics.metadata": "aggregated",
    "signoz_metrics.samples_v4_agg_30m": "unsupported",
    "signoz_metrics.samples_v4_agg_5m": "unsupported",
    "signoz_traces.trace_summary": "unsupported",
  },
  standby: {
    "signoz_logs.logs_attribute_keys": "unsupported",
    "signoz_logs.logs_resource_keys": "unsupported",
    "signoz_metrics.samples_v4_agg_30m": "unsupported",
    "signoz_metrics.samples_v4_agg_5m": "unsupported",
    "signoz_traces.dependency_graph_minutes_v2": "unsupported: all rows, and its own",
    "signoz_traces.top_level_operations": "unsupported: all keys, other values",
    "signoz_traces.trace_summary": "unsupported",
  },
};
