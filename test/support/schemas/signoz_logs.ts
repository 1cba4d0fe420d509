/** The tables of SigNoz that hold logs. */
import { ATTRIBUTES, LABEL, table, TEN_YEARS, typed, view } from "./fixture.ts";

export const NUMBERS = "Map(LowCardinality(String), Float64)";
/** The TTL and settings that all tables end in. */
export const expires = (time: string) =>
  `TTL toDateTime(${time}) + toIntervalSecond(${TEN_YEARS}) SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1`;
/** The Distributed table above a table. */
export const distributed = (database: string, name: string, key: string) =>
  `CREATE TABLE ${database}.distributed_${name} AS ${database}.${name} ENGINE = Distributed('cluster', '${database}', ` +
  `'${name}', ${key})`;
const FLAGS = "Map(LowCardinality(String), Bool)";
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

export const SIGNOZ_LOGS: readonly string[] = [
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
