/** Settings that go with some statements. Those that go with all are EXACT. */
import type { ClickHouseSettings } from "@clickhouse/client-web";
import { ROWS_OF_A_PART } from "../../model/part_load.ts";

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

/** Blocks larger than this many times the usual ones are not worth their memory. */
const LARGEST_BLOCKS = 16;

/** For a statement that names rows by their hashes. Characters. */
export const LONG_STATEMENT: ClickHouseSettings = { max_query_size: "2000000" };

/** The size of blocks, each of which becomes a part: as ClickHouse has them by default, or some times as large. */
export function partsOfRows(times: number): ClickHouseSettings {
  const larger = Math.min(times, LARGEST_BLOCKS);
  return {
    min_insert_block_size_rows: String(Number(ROWS_OF_A_PART) * larger),
    min_insert_block_size_bytes: String(268_402_944 * larger),
    use_strict_insert_block_limits: 0,
  };
}

/** For inserts: every row as it is given, at once, and no block dropped because one like it was inserted before. */
export const EXACT_INSERT: ClickHouseSettings = {
  async_insert: 0,
  insert_deduplicate: 0,
  deduplicate_insert: "disable",
  deduplicate_insert_select: "disable",
  insert_deduplication_token: "",
  optimize_on_insert: 0,
  max_partitions_per_insert_block: "0",
  ...partsOfRows(1),
  materialized_views_ignore_errors: 0,
  ignore_materialized_views_with_dropped_target_table: 0,
  insert_null_as_default: 0,
  // Parts that carry no index would have to be read in full for ever.
  materialize_skip_indexes_on_insert: 1,
  exclude_materialize_skip_indexes_on_insert: "",
};

/**
 * For an insert that `remote()` spreads over shards: each row goes where the key says, and is there once the statement has
 * ended.
 */
export const SPREAD_INSERT: ClickHouseSettings = {
  distributed_foreground_insert: 1,
  insert_shard_id: "0",
  insert_distributed_one_random_shard: 0,
};

/** For what adds parts to a table: any number of them, and done when it says so. */
export const ADDS_PARTS: ClickHouseSettings = {
  max_parts_to_move: "1000000000",
  alter_sync: "1",
};

/**
 * For an INSERT of rows that some replica may have inserted already, or may be inserting: by the token, Keeper lets only one of
 * them in, and their views.
 */
export function onceBy(token: string): ClickHouseSettings {
  return {
    ...EXACT_INSERT,
    insert_deduplicate: 1,
    deduplicate_insert: "enable",
    deduplicate_insert_select: "force_enable",
    insert_deduplication_token: token,
    deduplicate_blocks_in_dependent_materialized_views: 1,
    max_insert_threads: "1",
  };
}
