/** Settings that go with statements, so that a user's profile cannot change what they mean. */
import { type ClickHouseSettings, SettingsMap } from "@clickhouse/client-web";

/** A table that somebody was allowed to create gets a staging table like itself. */
const TABLES_AS_THEY_ARE: ClickHouseSettings = {
  allow_suspicious_low_cardinality_types: 1,
  allow_suspicious_fixed_string_types: 1,
  allow_suspicious_variant_types: 1,
  allow_suspicious_indices: 1,
  allow_suspicious_ttl_expressions: 1,
  allow_suspicious_primary_key: 1,
  allow_suspicious_types_in_order_by: 1,
};

/**
 * Sent with every statement. A profile may say `break` for limits, which silently cuts answers off,
 * hide rows by a filter, or answer from a cache.
 */
export const EXACT: ClickHouseSettings = {
  ...Object.fromEntries(
    [
      "read_overflow_mode",
      "read_overflow_mode_leaf",
      "group_by_overflow_mode",
      "sort_overflow_mode",
      "result_overflow_mode",
      "timeout_overflow_mode",
      "timeout_overflow_mode_leaf",
      "set_overflow_mode",
      "join_overflow_mode",
      "transfer_overflow_mode",
      "distinct_overflow_mode",
    ].map((name) => [name, "throw"]),
  ),
  limit: "0",
  offset: "0",
  additional_table_filters: SettingsMap.from({}),
  additional_result_filter: "",
  final: 0,
  apply_deleted_mask: 1,
  use_query_cache: 0,
  session_timezone: "",
  transform_null_in: 0,
  join_use_nulls: 0,
  aggregate_functions_null_for_empty: 0,
  prefer_column_name_to_alias: 0,
  enable_global_with_statement: 1,
  empty_result_for_aggregation_by_empty_set: 0,
  skip_unavailable_shards: 0,
  distributed_product_mode: "deny",
  output_format_json_quote_64bit_integers: 1,
  output_format_json_escape_forward_slashes: 0,
  output_format_json_quote_denormals: 1,
  ...TABLES_AS_THEY_ARE,
};

/** For statements that group or sort many rows: what does not fit goes to disk. Bytes. */
export const BOUNDED: ClickHouseSettings = {
  max_bytes_before_external_group_by: "2000000000",
  max_bytes_before_external_sort: "2000000000",
};

/**
 * For statements that only read: whatever a statement says, the server changes nothing. 2 and not 1, so that settings, and
 * `remote()`, may go with it.
 */
export const READS_ONLY: ClickHouseSettings = { readonly: "2" };

/** For an INSERT that reads the other site: whatever it says, the server creates, alters and drops nothing. */
export const NO_DDL: ClickHouseSettings = { allow_ddl: 0 };

/** For inserts: every row as it is given, at once, and no block dropped because one like it was inserted before. */
export const EXACT_INSERT: ClickHouseSettings = {
  async_insert: 0,
  insert_deduplicate: 0,
  optimize_on_insert: 0,
  max_partitions_per_insert_block: "0",
  materialized_views_ignore_errors: 0,
  insert_null_as_default: 0,
};
