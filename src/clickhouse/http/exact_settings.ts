/**
 * What a user's profile must not change: every setting that alters what a statement means, or forbids it for another
 * reason than a limit, with the value that all statements of ch-sync are sent with. What stands here and what does not is
 * judged setting by setting; a test compares it with `system.settings` and names those that nobody has judged.
 */
import { type ClickHouseSettings, SettingsMap } from "@clickhouse/client-web";

/** Where a limit is reached, `break` would cut the answer off in silence. */
const LIMITS_THROW: ClickHouseSettings = Object.fromEntries(
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
);

/** Every row that is stored and not deleted, as it is stored; none left out, and none from a cache. */
const ROWS_AS_THEY_ARE: ClickHouseSettings = {
  limit: "0",
  offset: "0",
  additional_table_filters: SettingsMap.from({}),
  additional_result_filter: "",
  final: 0,
  apply_deleted_mask: 1,
  apply_mutations_on_fly: 0,
  apply_patch_parts: 1,
  checksum_on_read: 1,
  ignore_cold_parts_seconds: 0,
  prefer_warmed_unmerged_parts_seconds: 0,
  select_sequential_consistency: "0",
  use_query_cache: 0,
  use_query_condition_cache: 0,
  implicit_table_at_top_level: "",
  implicit_transaction: 0,
  // Against the values that a server has by itself, 26.7 passes over rows in silence (tried).
  use_constant_folding_in_index_analysis: 0,
  use_lightweight_primary_key_index_analysis: 1,
  // An ASSUME constraint need not hold for the rows that are there.
  convert_query_to_cnf: 0,
  optimize_using_constraints: 0,
  optimize_substitute_columns: 0,
  optimize_append_index: 0,
};

/** One server answers alone, and for all of its rows. */
const ONE_SERVER: ClickHouseSettings = {
  skip_unavailable_shards: 0,
  distributed_product_mode: "deny",
  distributed_group_by_no_merge: "0",
  optimize_skip_unused_shards: 0,
  parallel_distributed_insert_select: "0",
  serialize_query_plan: 0,
  make_distributed_plan: 0,
  allow_experimental_parallel_reading_from_replicas: "0",
  automatic_parallel_replicas_mode: "0",
  parallel_replicas_count: "0",
  parallel_replica_offset: "0",
  parallel_replicas_custom_key: "",
  max_distributed_depth: "5",
  // A statement that reads the other site twice would wait for itself.
  distributed_connections_pool_size: "1024",
  max_distributed_connections: "1024",
  // Ten words a second of how far a statement has come; one that says nothing is taken for lost.
  interactive_delay: "100000",
};

/** What operators, joins and functions of our statements mean, and of the expressions of keys, TTLs and views in them. */
const MEANING: ClickHouseSettings = {
  dialect: "clickhouse",
  enable_global_with_statement: 1,
  allow_experimental_analyzer: 1,
  session_timezone: "",
  transform_null_in: 0,
  rewrite_in_to_join: 0,
  join_default_strictness: "ALL",
  join_algorithm: "default",
  join_use_nulls: 0,
  joined_subquery_requires_alias: 1,
  group_by_use_nulls: 0,
  aggregate_functions_null_for_empty: 0,
  prefer_column_name_to_alias: 0,
  empty_result_for_aggregation_by_empty_set: 0,
  empty_result_for_aggregation_by_constant_keys_on_empty_set: 1,
  inject_random_order_for_select_without_order_by: 0,
  extremes: 0,
  cast_keep_nullable: 0,
  cast_ipv4_ipv6_default_on_conversion_error: 0,
  cast_string_to_date_time_mode: "best_effort",
  cast_string_to_dynamic_use_inference: 0,
  cast_string_to_variant_use_inference: 1,
  date_time_overflow_behavior: "ignore",
  decimal_check_overflow: 1,
  enable_extended_results_for_datetime_functions: 0,
  enable_named_columns_in_function_tuple: 0,
  function_date_trunc_return_type_behavior: "0",
  least_greatest_legacy_null_behavior: 0,
  use_legacy_to_time: 0,
  use_variant_as_common_type: 1,
  short_circuit_function_evaluation: "enable",
};

/** How values are written: where they are compared as texts, between the servers, and in the answers that are read here. */
const TEXTS: ClickHouseSettings = {
  bool_true_representation: "true",
  bool_false_representation: "false",
  date_time_output_format: "simple",
  date_time_64_output_format_cut_trailing_zeros_align_to_groups_of_thousands: 0,
  interval_output_format: "numeric",
  low_cardinality_allow_in_native_format: 1,
  output_format_always_write_decimal_point_in_float_and_decimal: 0,
  output_format_decimal_trailing_zeros: 0,
  output_format_float_precision: "0",
  output_format_json_escape_forward_slashes: 0,
  output_format_json_map_as_array_of_tuples: 0,
  output_format_json_named_tuples_as_objects: 1,
  output_format_json_quote_64bit_floats: 0,
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_decimals: 0,
  output_format_json_quote_denormals: 1,
  output_format_json_skip_null_value_in_named_tuples: 0,
  output_format_json_validate_utf8: 0,
  output_format_native_encode_types_in_binary_format: 0,
  output_format_native_use_flattened_dynamic_and_json_serialization: 0,
  output_format_native_write_json_as_string: 0,
  output_format_trim_fixed_string: 0,
  output_format_values_escape_quote_with_quote: 0,
  // How a definition, and the structure of the other site's table, is told.
  describe_compact_output: 0,
  describe_include_subcolumns: 0,
  describe_include_virtual_columns: 0,
  show_create_query_identifier_quoting_rule: "when_necessary",
  show_create_query_identifier_quoting_style: "Backticks",
  show_table_uuid_in_table_create_query_if_not_nil: 0,
};

/** What is meant for people's statements would refuse ours, whatever they read. */
const NOT_REFUSED: ClickHouseSettings = {
  enforce_strict_identifier_format: 0,
  force_index_by_date: 0,
  force_primary_key: 0,
  force_optimize_projection: 0,
  force_optimize_projection_name: "",
  force_optimize_skip_unused_shards: "0",
  force_optimize_skip_unused_shards_nesting: "0",
  max_partitions_to_read: "-1",
  // What a table bears is its own affair: see `parts_to_throw_insert` among its settings.
  parts_to_delay_insert: "0",
  parts_to_throw_insert: "0",
  query_plan_max_optimizations_to_apply: "10000",
  query_plan_optimize_join_order_algorithm: "greedy",
  table_function_remote_max_addresses: "1000",
  function_implementation: "",
  function_range_max_elements_in_block: "500000000",
  max_query_size: "262144",
  max_ast_depth: "1000",
  max_ast_elements: "50000",
  max_expanded_ast_elements: "500000",
  max_parser_depth: "1000",
  max_parser_backtracks: "1000000",
  max_subquery_depth: "100",
  max_columns_to_read: "0",
  max_temporary_columns: "0",
  max_temporary_non_const_columns: "0",
};

/**
 * To compile an expression takes a server 50 ms and more. Ours are new at each check, as instants stand in them, and those that hash rows
 * are no faster for it (measured).
 */
const NOT_COMPILED: ClickHouseSettings = {
  compile_expressions: 0,
  compile_aggregate_expressions: 0,
  compile_sort_description: 0,
};

/** A table that somebody was allowed to create gets a staging table like itself. */
const TABLES_AS_THEY_ARE: ClickHouseSettings = {
  allow_experimental_codecs: 1,
  // Since 26.1, and allowed to everybody since 26.9.
  allow_experimental_nullable_tuple_type: 1,
  allow_statistics: 1,
  enable_full_text_index: 1,
  enable_time_time64_type: 1,
  allow_suspicious_codecs: 1,
  allow_suspicious_fixed_string_types: 1,
  allow_suspicious_indices: 1,
  allow_suspicious_low_cardinality_types: 1,
  allow_suspicious_primary_key: 1,
  allow_suspicious_ttl_expressions: 1,
  allow_suspicious_types_in_order_by: 1,
  allow_suspicious_variant_types: 1,
  create_if_not_exists: 0,
  data_type_default_nullable: 0,
  flatten_nested: 0,
};

/**
 * Sent with every statement, and in the text of those that read the other site. Most values are ClickHouse's own: a constraint of a
 * profile refuses those alone that differ from what the profile says.
 */
export const EXACT: ClickHouseSettings = {
  ...LIMITS_THROW,
  ...ROWS_AS_THEY_ARE,
  ...ONE_SERVER,
  ...MEANING,
  ...TEXTS,
  ...NOT_REFUSED,
  ...TABLES_AS_THEY_ARE,
  ...NOT_COMPILED,
};
