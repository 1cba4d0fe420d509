/**
 * Every setting of ClickHouse 26.7 that a profile may hold and that ch-sync leaves as it is, by the reason why it may. Each was
 * tried with a value that a profile should not have, at both sites: rows were repaired exactly, or the setting was named.
 */

export interface Judgement {
  readonly why: string;
  /** Families of which nobody need look at a new member. */
  readonly families?: readonly RegExp[];
  readonly names: string;
}

export const LEFT_AS_THEY_ARE: readonly Judgement[] = [
  {
    why: "Formats that ch-sync neither reads nor writes.",
    families: [
      /^(input_format_|output_format_(arrow|avro|binary|bson|compression|csv|geojson|image|markdown|msgpack|orc|parallel_formatting|parquet|pretty|protobuf|schema|sql_insert|tsv|xml|enable_streaming|write_statistics|json_array_of_rows|json_pretty_print)|format_)/,
    ],
    names: "",
  },
  {
    why:
      "Storages, caches, dialects and services that ch-sync does not use, or that answer what the disk would.",
    families: [
      /^(s3_|s3queue_|azure_|hdfs_|kafka_|rabbitmq_|nats_|iceberg_|delta_lake_|paimon_|hive_|lake_|datalake_|mongodb_|mysql_|postgresql_|sqlite_|odbc_|redis_|url_|file_|engine_(file|url)_|external_storage_|ytsaurus|schema_inference_|arrow_flight_|archive_|object_storage_|storage_file_|storage_system_|keeper_map)/,
      /^(filesystem_cache_|distributed_cache_|read_from_|page_cache_|query_cache_|query_condition_cache_|filesystem_prefetch|remote_filesystem_|remote_fs_|reader_executor_|write_through_)/,
      /^(ai_|promql_|polyglot_|prql_|webassembly_|wasm_|jemalloc_|ast_fuzzer_|opentelemetry_|query_profiler_|memory_profiler_|backup_|restore_|distributed_ddl_|database_replicated_|shared_merge_tree_|hnsw_|text_index_|vector_search_|async_insert_|stream_)/,
    ],
    names: "",
  },
  {
    why: "The planner and the reader: in which order and by how many threads, not what is answered.",
    families: [
      /^(merge_tree_(min|max|coarse|compact|determine|generic|use|read|clear|storage)_|query_plan_|optimize_|aggregation_|join_|join_runtime|parallel_replicas_|distributed_plan_|distributed_index_|distributed_background_|compile_|min_count_to_compile_)/,
    ],
    names: "",
  },
  {
    why:
      "A limit: where it is reached the server refuses the statement and names it, as whoever set it wants.",
    names: `
      allow_ddl force_data_skipping_indices insert_quorum insert_quorum_parallel insert_quorum_timeout
      low_priority_query_wait_time_ms max_backup_bandwidth max_bytes_in_distinct max_bytes_in_join
      max_bytes_in_set max_bytes_to_read max_bytes_to_read_leaf max_bytes_to_sort max_bytes_to_transfer
      max_concurrent_queries_for_all_users max_concurrent_queries_for_user max_estimated_execution_time
      max_execution_speed max_execution_speed_bytes max_execution_time max_execution_time_leaf
      max_local_read_bandwidth max_local_write_bandwidth max_memory_usage max_memory_usage_for_user
      max_network_bandwidth_for_all_users max_network_bandwidth_for_user max_network_bytes
      max_number_of_partitions_for_independent_aggregation max_os_cpu_wait_time_ratio_to_throw
      max_remote_read_network_bandwidth max_remote_write_network_bandwidth max_result_bytes max_result_rows
      max_rows_in_distinct max_rows_in_join max_rows_in_set max_rows_in_set_to_optimize_join
      max_rows_to_group_by max_rows_to_read max_rows_to_read_leaf max_rows_to_sort max_rows_to_transfer
      max_sessions_for_user max_temporary_data_on_disk_size_for_query max_temporary_data_on_disk_size_for_user
      max_untracked_memory memory_overcommit_ratio_denominator memory_overcommit_ratio_denominator_for_user
      memory_tracker_fault_probability memory_usage_overcommit_max_wait_microseconds min_execution_speed
      min_execution_speed_bytes min_free_disk_bytes_to_perform_insert min_free_disk_ratio_to_perform_insert
      min_free_disk_space_for_temporary_data min_os_cpu_wait_time_ratio_to_throw priority queue_max_wait_ms
      readonly reserve_memory throw_on_max_partitions_per_insert_block timeout_before_checking_execution_speed
      workload
    `,
  },
  {
    why: "What is logged, measured and shown, and how answers travel.",
    names: `
      add_http_cors_header calculate_text_stack_trace check_query_single_value_result enable_blob_storage_log
      enable_blob_storage_log_for_read_operations enable_filesystem_cache_log
      enable_filesystem_read_prefetches_log enable_http_compression enable_job_stack_trace
      enable_s3_requests_logging errors_output_format explain_query_plan_default hsts_max_age
      http_connection_timeout http_headers_progress_interval_ms http_headers_read_timeout
      http_make_head_request http_max_field_name_size http_max_field_value_size http_max_fields
      http_max_multipart_form_data_size http_max_request_header_size http_max_request_param_data_size
      http_max_tries http_max_uri_size http_native_compression_disable_checksumming_on_decompress
      http_receive_timeout http_response_buffer_size http_response_headers http_retry_initial_backoff_ms
      http_retry_max_backoff_ms http_send_timeout http_skip_not_found_url_for_globs http_wait_end_of_query
      http_write_exception_in_output_format http_zlib_compression_level idle_connection_timeout log_comment
      log_formatted_queries log_processors_profiles log_profile_events log_queries_cut_to_length
      log_query_settings log_query_threads log_query_views metrics_perf_events_enabled
      metrics_perf_events_list os_threads_nice_value_materialized_view os_threads_nice_value_query
      partial_result_on_first_cancel per_part_index_stats poll_interval predicate_statistics_sample_rate
      print_pretty_type_names query_metric_log_interval send_logs_level send_logs_source_regexp
      send_profile_events send_progress_in_http_headers show_data_lake_catalogs_in_system_tables
      show_processlist_include_internal show_remote_databases_in_system_tables system_events_show_zero_values
      system_metric_log_show_zero_values_in_histograms trace_profile_events trace_profile_events_list
    `,
  },
  {
    why: "Gives leave to what ch-sync does not do, or to the planner.",
    names: `
      allow_aggregate_partitions_independently allow_archive_path_syntax
      allow_asynchronous_read_from_io_pool_for_merge_tree
      allow_calculating_subcolumns_sizes_for_merge_tree_reading allow_changing_replica_until_first_data_packet
      allow_create_index_without_type allow_custom_error_code_in_throwif allow_deprecated_database_ordinary
      allow_deprecated_error_prone_window_functions allow_deprecated_syntax_for_merge_tree
      allow_distributed_ddl allow_drop_detached allow_dynamic_type_in_join_keys allow_execute_multiif_columnar
      allow_experimental_ai_functions allow_experimental_cleanup_old_data_files_compaction
      allow_experimental_correlated_subqueries allow_experimental_database_glue_catalog
      allow_experimental_database_hms_catalog allow_experimental_database_iceberg
      allow_experimental_database_materialized_postgresql allow_experimental_database_paimon_rest_catalog
      allow_experimental_database_unity_catalog allow_experimental_delta_kernel_rs
      allow_experimental_delta_lake_writes allow_experimental_eval_table_function
      allow_experimental_expire_snapshots allow_experimental_funnel_functions
      allow_experimental_geo_types_in_iceberg allow_experimental_hash_functions
      allow_experimental_iceberg_compaction allow_experimental_join_right_table_sorting
      allow_experimental_json_lazy_type_hints allow_experimental_kafka_offsets_storage_in_keeper
      allow_experimental_kusto_dialect allow_experimental_materialized_postgresql_table
      allow_experimental_nlp_functions
      allow_experimental_object_storage_queue_hive_partitioning allow_experimental_paimon_storage_engine
      allow_experimental_polyglot_dialect allow_experimental_prql_dialect
      allow_experimental_time_series_aggregate_functions allow_experimental_time_series_table
      allow_experimental_unique_key allow_experimental_url_wildcard_from_index_pages
      allow_experimental_window_view allow_experimental_ytsaurus_dictionary_source
      allow_experimental_ytsaurus_table_engine allow_experimental_ytsaurus_table_function
      allow_fuzz_query_functions allow_general_join_planning allow_get_client_http_header allow_hyperscan
      allow_iceberg_remove_orphan_files allow_insert_into_iceberg allow_introspection_functions
      allow_key_condition_coalesce_rewrite allow_limit_by_partitions_independently
      allow_materialized_view_with_bad_select allow_minmax_index_for_json
      allow_named_collection_override_by_default allow_non_metadata_alters allow_nonconst_timezone_arguments
      allow_nondeterministic_mutations allow_nondeterministic_optimize_skip_unused_shards
      allow_nullable_tuple_in_extracted_subcolumns allow_prefetched_read_pool_for_local_filesystem
      allow_prefetched_read_pool_for_remote_filesystem allow_push_predicate_ast_for_distributed_subqueries
      allow_push_predicate_when_subquery_contains_with allow_python_table_function
      allow_rank_dense_rank_arguments allow_reorder_prewhere_conditions
      allow_replace_partition_from_empty_source allow_settings_after_format_in_insert allow_simdjson
      allow_special_bool_values_inside_variant allow_special_serialization_kinds_in_output_formats
      allow_statistics_optimize allow_suspicious_types_in_group_by allow_unrestricted_reads_from_keeper
      enable_hdfs_pread enable_lightweight_delete enable_lightweight_update enable_materialized_cte
      enable_order_by_all enable_positional_arguments enable_positional_arguments_for_projections
      enable_streaming_queries enable_unaligned_array_join enable_url_encoding
    `,
  },
  {
    why: "Of statements, engines, formats and clauses that ch-sync does not use.",
    names: `
      aggregate_function_input_format alter_move_to_space_execute_async alter_partition_verbose_result
      alter_update_mode apply_settings_from_server asterisk_include_alias_columns
      asterisk_include_materialized_columns asterisk_include_virtual_columns chdb_client_name
      check_named_collection_dependencies check_referential_table_dependencies check_table_dependencies
      cloud_mode cloud_mode_engine cluster_for_parallel_replicas
      cluster_function_process_archive_on_multiple_nodes cluster_table_function_buckets_batch_size
      cluster_table_function_split_granularity column_names_for_schema_inference
      compatibility_ignore_auto_increment_in_create_table compatibility_ignore_collation_in_create_table
      compatibility_s3_presigned_url_query_in_path create_index_ignore_unique
      create_replicated_merge_tree_fault_injection_probability create_table_empty_primary_key_by_default
      database_atomic_wait_for_drop_and_detach_synchronously database_datalake_require_metadata_access
      database_shared_drop_table_delay_seconds date_time_input_format dead_blobs_to_delay_insert
      dead_blobs_to_throw_insert default_materialized_view_sql_security default_normal_view_sql_security
      default_table_engine default_temporary_table_engine default_view_definer dictionary_lazy_load
      dictionary_use_async_executor dictionary_validate_primary_key_type discard_query_data
      distributed_foreground_insert distributed_insert_skip_read_only_replicas distributed_replica_error_cap
      distributed_replica_error_half_life distributed_replica_max_ignored_errors dynamic_disk_allow_from_env
      dynamic_disk_allow_from_zk dynamic_disk_allow_include exact_rows_before_limit except_default_mode
      execute_exists_as_scalar_subquery external_table_functions_use_nulls external_table_strict_query
      finalize_projection_parts_synchronously force_remove_data_recursively_on_drop
      glob_expansion_max_elements ignore_on_cluster_for_replicated_access_entities_queries
      ignore_on_cluster_for_replicated_database ignore_on_cluster_for_replicated_named_collections_queries
      ignore_on_cluster_for_replicated_udf_queries implicit_select insert_allow_materialized_columns
      insert_distributed_one_random_shard insert_shard_id intersect_default_mode
      into_outfile_create_parent_directories json_type_escape_dots_in_keys legacy_column_name_of_tuple_literal
      lightweight_delete_mode lightweight_deletes_sync materialize_ttl_after_modify max_autoincrement_series
      max_consume_snapshots max_download_buffer_size max_download_threads
      max_dynamic_subcolumns_in_json_type_parsing max_fetch_partition_retries_count max_http_get_redirects
      max_parsing_threads max_recursive_cte_evaluation_depth max_skip_unavailable_shards_num
      max_skip_unavailable_shards_ratio max_streams_for_files_processing_in_cluster_functions
      max_streams_multiplier_for_merge_tables merge_table_max_tables_to_look_for_schema_inference
      min_chunk_bytes_for_parallel_parsing mutations_execute_nondeterministic_on_initiator
      mutations_execute_subqueries_on_initiator mutations_max_literal_size_to_replace mutations_sync
      number_of_mutations_to_delay number_of_mutations_to_throw pandas_analyze_sample precise_float_parsing
      recursive_cte_max_steps_in_type_inference regexp_dict_allow_hyperscan regexp_dict_flag_case_insensitive
      regexp_dict_flag_dotall rename_files_after_processing replace_running_query
      replace_running_query_max_wait_ms rows_before_aggregation
      send_table_structure_on_insert_with_inline_data skip_unavailable_shards_mode
      stop_refreshable_materialized_views_on_startup throw_if_no_data_to_insert
      throw_on_unsupported_query_inside_transaction totals_auto_threshold totals_mode
      traverse_shadow_remote_data_paths type_json_allow_duplicated_key_with_literal_and_nested_object
      type_json_skip_duplicated_paths type_json_skip_invalid_typed_paths
      type_json_use_partial_match_to_skip_paths_by_regexp union_default_mode unique_key_max_encoded_size
      unknown_packet_in_send_data update_parallel_mode update_sequential_consistency
      use_cache_for_count_from_files use_client_time_zone use_compact_format_in_distributed_parts_names
      use_hive_partitioning use_iceberg_metadata_files_cache use_iceberg_partition_pruning
      use_paimon_metadata_files_cache use_paimon_partition_pruning use_parquet_metadata_cache
      use_roaring_bitmap_iceberg_positional_deletes use_structure_from_insertion_table_in_table_functions
      use_with_fill_by_sorting_prefix validate_mutation_query wait_changes_become_visible_after_commit_mode
      wait_for_async_insert wait_for_async_insert_timeout wait_for_window_view_fire_signal_timeout
      window_view_clean_interval window_view_heartbeat_interval write_full_path_in_iceberg_metadata
      zstd_window_log_max
    `,
  },
  {
    why: "Of functions that ch-sync does not call.",
    names: `
      check_conversion_from_numbers_to_enum count_distinct_implementation count_distinct_optimization
      count_matches_stop_at_empty_match dynamic_throw_on_type_mismatch
      extract_key_value_pairs_max_pairs_per_row formatdatetime_e_with_space_padding
      formatdatetime_f_prints_scale_number_of_digits formatdatetime_f_prints_single_zero
      formatdatetime_format_without_leading_zeros formatdatetime_parsedatetime_m_is_month_name
      function_base58_max_input_size function_json_value_return_type_allow_complex
      function_json_value_return_type_allow_nullable function_locate_has_mysql_compatible_argument_order
      function_sleep_max_microseconds_per_block function_visible_width_behavior
      functions_h3_default_if_invalid geo_distance_returns_float64_on_float64_arguments geotoh3_argument_order
      h3togeo_lon_lat_result_order highlight_max_matches_per_row max_hyperscan_regexp_length
      max_hyperscan_regexp_total_length max_limit_for_vector_search_queries max_rand_distribution_parameter
      max_rand_distribution_trials max_reverse_dictionary_lookup_cache_size_bytes max_wkb_geometry_elements
      parsedatetime_e_requires_space_padding parsedatetime_parse_without_leading_zeros
      regexp_max_matches_per_row reject_expensive_hyperscan_regexps
      rewrite_count_distinct_if_with_count_distinct_implementation skip_redundant_aliases_in_udf snappy_mode
      splitby_max_substrings_includes_remaining_string use_variant_default_implementation_for_comparisons
      validate_enum_literals_in_operators validate_polygons variant_throw_on_type_mismatch
    `,
  },
  {
    why: "Time-outs, tries and choices among replicas: what takes too long, or fails, says so.",
    names: `
      connect_timeout connection_pool_max_wait_ms connections_with_failover_max_tries
      fallback_to_stale_replicas_for_distributed_queries hedged_connection_timeout_ms
      insert_keeper_fault_injection_probability insert_keeper_fault_injection_seed insert_keeper_max_retries
      insert_keeper_retry_initial_backoff_ms insert_keeper_retry_max_backoff_ms keeper_max_retries
      keeper_retry_initial_backoff_ms keeper_retry_max_backoff_ms load_balancing load_balancing_first_offset
      lock_acquire_timeout max_replica_delay_for_distributed_queries prefer_localhost_replica
      push_external_roles_in_interserver_queries read_backoff_max_throughput read_backoff_min_concurrency
      read_backoff_min_events read_backoff_min_interval_between_events_ms read_backoff_min_latency_ms
      receive_data_timeout_ms replication_wait_for_inactive_replica_timeout sleep_after_receiving_query_ms
      sleep_in_send_data_ms sleep_in_send_tables_status_ms
      temporary_data_in_cache_reserve_space_wait_lock_timeout_milliseconds use_hedged_requests
    `,
  },
  {
    why: "How a statement is carried out: with which memory, threads, indices, caches; not what it answers.",
    names: `
      analyze_index_with_space_filling_curves
      analyzer_compatibility_allow_compound_identifiers_in_unflatten_nested
      analyzer_compatibility_allow_non_aggregate_in_having
      analyzer_compatibility_apply_final_to_all_joined_tables
      analyzer_compatibility_join_using_top_level_identifier
      analyzer_compatibility_prefer_alias_over_subcolumn analyzer_inline_views
      any_join_distinct_right_table_keys apply_patch_parts_join_cache_buckets apply_prewhere_after_final
      apply_row_policy_after_final async_query_sending_for_remote async_socket_for_remote
      automatic_parallel_replicas_min_bytes_per_replica cache_warmer_threads
      cancel_http_readonly_queries_on_client_close collect_hash_table_stats_during_aggregation
      collect_hash_table_stats_during_joins compatibility correlated_subqueries_default_join_kind
      correlated_subqueries_substitute_equivalent_expressions correlated_subqueries_use_in_memory_buffer
      cross_join_min_bytes_to_compress cross_join_min_rows_to_compress cross_to_inner_join_rewrite
      deduplicate_blocks_in_dependent_materialized_views default_max_bytes_in_join
      defer_partition_pruning_after_final distributed_aggregation_memory_efficient distributed_push_down_limit
      do_not_merge_across_partitions_select_final enable_adaptive_memory_spill_scheduler
      enable_add_distinct_to_in_subqueries enable_automatic_decision_for_merging_across_partitions_for_final
      enable_early_constant_folding enable_filesystem_cache enable_filesystem_cache_on_write_operations
      enable_identifier_resolve_cache enable_join_fixed_hash_table_conversion
      enable_join_runtime_filters enable_join_runtime_filters_index_analysis enable_join_transitive_predicates
      enable_lazy_columns_replication enable_memory_bound_merging_of_aggregation_results
      enable_multiple_prewhere_read_steps enable_optimize_predicate_expression
      enable_optimize_predicate_expression_to_final_subquery enable_parallel_blocks_marshalling
      enable_parsing_to_custom_serialization enable_producing_buckets_out_of_order_in_aggregation
      enable_reads_from_query_cache enable_scalar_subquery_optimization enable_scopes_for_with_statement
      enable_sharding_aggregator enable_shared_storage_snapshot_in_query enable_sharing_sets_for_mutations
      enable_software_prefetch_in_aggregation enable_software_prefetch_in_join enable_vertical_final
      enable_writes_to_query_cache force_aggregate_partitions_independently force_aggregation_in_order
      force_grouping_standard_compatibility fsync_metadata grace_hash_join_initial_buckets
      grace_hash_join_max_buckets group_by_two_level_threshold group_by_two_level_threshold_bytes
      ignore_data_skipping_indices ignore_format_null_for_explain joined_block_split_single_row
      load_marks_asynchronously local_filesystem_read_method local_filesystem_read_prefetch
      low_cardinality_max_dictionary_size low_cardinality_use_single_dictionary_for_part
      materialize_statistics_on_insert materialized_views_squash_parallel_inserts max_analyze_depth
      max_block_size max_bytes_before_external_join max_bytes_before_remerge_sort max_bytes_for_lazy_final
      max_bytes_ratio_before_external_group_by max_bytes_ratio_before_external_join
      max_bytes_ratio_before_external_sort max_compress_block_size max_final_threads max_insert_block_size
      max_insert_block_size_bytes max_insert_delayed_streams_for_parallel_write
      max_insert_threads_min_free_memory_per_thread max_joined_block_size_bytes max_joined_block_size_rows
      max_parallel_replicas max_projection_rows_to_use_projection_index max_read_buffer_size
      max_read_buffer_size_local_fs max_read_buffer_size_remote_fs max_rows_for_lazy_final
      max_size_to_preallocate_for_aggregation max_size_to_preallocate_for_joins
      max_streams_for_merge_tree_reading max_streams_for_union_step
      max_streams_for_union_step_to_max_threads_ratio max_streams_to_max_threads_ratio max_threads
      max_threads_for_indexes max_threads_min_free_memory_per_thread min_bytes_to_use_direct_io
      min_bytes_to_use_mmap_io min_compress_block_size min_external_table_block_size_bytes
      min_external_table_block_size_rows min_filtered_ratio_for_lazy_final
      min_hit_rate_to_use_consecutive_keys_optimization min_insert_block_size_bytes_for_materialized_views
      min_insert_block_size_rows_for_materialized_views min_joined_block_size_bytes min_joined_block_size_rows
      min_outstreams_per_resize_after_split min_table_rows_to_use_projection_index
      move_all_conditions_to_prewhere move_primary_key_columns_to_end_of_prewhere
      multiple_joins_try_to_keep_original_names network_zstd_compression_level normalize_function_names
      parallel_hash_join_threshold parallel_non_joined_rows_processing parallel_view_processing
      parallelize_output_from_storages partial_merge_join_left_table_buffer_bytes
      partial_merge_join_rows_in_right_blocks prefer_external_sort_block_bytes prefer_global_in_and_join
      preferred_block_size_bytes preferred_max_column_in_block_size_bytes preferred_optimize_projection_name
      prefetch_buffer_size read_in_order_two_level_merge_threshold read_in_order_use_buffering
      read_in_order_use_virtual_row read_in_order_use_virtual_row_per_block read_priority
      read_through_distributed_cache remerge_sort_lowered_memory_bytes_ratio remote_read_min_bytes_for_seek
      secondary_indices_enable_bulk_filtering serialize_string_in_memory_with_zero_byte
      short_circuit_function_evaluation_for_nulls short_circuit_function_evaluation_for_nulls_threshold
      single_join_prefer_left_table split_intersecting_parts_ranges_into_layers_final
      split_parts_ranges_into_intersecting_and_non_intersecting_final
      table_engine_read_through_distributed_cache temporary_files_buffer_size temporary_files_codec
      throw_on_error_from_cache_on_write_operations use_async_executor_for_materialized_views
      use_concurrency_control use_hash_table_stats_for_join_reordering use_index_for_in_with_subqueries
      use_index_for_in_with_subqueries_max_values use_join_disjunctions_push_down
      use_page_cache_for_disks_without_file_cache use_page_cache_for_local_disks
      use_page_cache_for_object_storage use_page_cache_with_distributed_cache
      use_partition_minmax_for_primary_key_pruning use_partition_pruning use_primary_key
      use_query_condition_cache_for_top_k use_reader_executor use_skip_indexes
      use_skip_indexes_for_disjunctions use_skip_indexes_for_top_k use_skip_indexes_if_final
      use_skip_indexes_if_final_exact_mode use_skip_indexes_on_data_read use_statistics use_statistics_cache
      use_statistics_for_part_pruning use_streaming_marks_compression use_text_index_header_cache
      use_text_index_like_evaluation_by_dictionary_scan use_text_index_postings_cache
      use_text_index_tokens_cache use_top_k_dynamic_filtering
      use_top_k_dynamic_filtering_for_variable_length_types use_uncompressed_cache
      validate_experimental_and_suspicious_types_inside_nested_types
      wait_for_part_commit_in_dependent_materialized_views
    `,
  },
];

/** Why a setting may be left as it is; null: nobody has judged it. */
export function judged(name: string): string | null {
  const judgement = LEFT_AS_THEY_ARE.find(({ families = [], names }) =>
    families.some((family) => family.test(name)) || names.split(/\s+/).includes(name)
  );
  return judgement?.why ?? null;
}
