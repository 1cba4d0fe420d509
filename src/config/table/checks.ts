/** Settings of checks and repairs. */
import { bytes, percent, seconds, wholeNumber } from "../kinds/numbers.ts";
import { choice, columnGlobs, databaseName, flag, globs, timeColumns, timesOfDay } from "../kinds/words.ts";
import type { Section } from "../setting.ts";

const WEEK = 604_800;

export const CHECKS = {
  title: "Checks",
  settings: {
    CHECK_INTERVAL: seconds({
      default: 300,
      min: 1,
      max: WEEK,
      meaning: "Seconds from the start of one check to the start of the next",
    }),
    SETTLE_SECONDS: seconds({
      default: 600,
      min: 0,
      max: WEEK,
      meaning: "Rows younger than this are still arriving: not compared, not copied",
    }),
    FAILBACK_CLEAN_CHECKS: wholeNumber({
      default: 3,
      min: 1,
      max: 1000,
      meaning: "Clean checks in a row before FAILBACK READY",
    }),
    CH_EXCLUDE_PATTERNS: globs({
      default: "system.*,information_schema.*,INFORMATION_SCHEMA.*,*.tmp_*,*.temp_*",
      meaning:
        "Comma-separated globs on `database.table` that are not synced: `*` is any characters, `?` is one. " +
        "`system.*` and both `information_schema` stay excluded whatever you set",
    }),
    TIME_COLUMNS: timeColumns({
      meaning:
        "Comma-separated globs on `database.table.column`: columns that tell how old a row is. Give whole numbers their unit since " +
        "1970, `s`, `ms`, `us` or `ns`, as in `otel.logs.timestamp:ns`; without one the newest value tells it; `none`: it is no " +
        "time. Numbers in keys that all read as times are found without this",
    }),
    IGNORE_COLUMNS: columnGlobs({
      meaning:
        "Comma-separated globs on `database.table.column`: columns that each site fills for itself, as with `DEFAULT now64()`. " +
        "They tell no rows apart, and are copied all the same. No columns of keys, TTLs or TIME_COLUMNS, and none of engines that " +
        "merge rows",
    }),
    VERIFY_INTERVAL: seconds({
      default: 3600,
      min: 0,
      max: WEEK,
      meaning:
        "Seconds between digests of a partition that keeps changing; in between its rows are counted, in slices " +
        "of time. A check that could make ready digests it all the same",
    }),
    VERIFY_BUDGET: bytes({
      default: "100G",
      meaning:
        "Bytes an hour, on disk, of partitions that are digested again although nothing suggests a difference: " +
        "history, each partition at least every 30 days, and what was merged",
    }),
    MAX_CONCURRENT_TABLES: wholeNumber({
      aliases: ["MAX_CONCURRENT_PARTITIONS"],
      min: 1,
      max: 64,
      meaning:
        "Tables that are examined, or repaired, at the same time, groups of small partitions counted like tables. Not set: as many as the smaller " +
        "server has cores (2 to 16), at least 8 where the other site is 50 ms away or more, and one at a time while a server is busy",
    }),
  },
} as const satisfies Section;

export const REPAIRS = {
  title: "Repairs",
  settings: {
    AUTO_CREATE_TABLES: flag({
      default: false,
      meaning: "Create here the tables that only the active site has",
    }),
    STAGING_DATABASE: databaseName({
      meaning:
        "Database of this site, of engine Atomic, for staging tables and for what is kept aside; it must exist. Without it they lie " +
        "beside their table, which cannot be where that lies in a database of engine Replicated",
    }),
    MAX_CONFLICT_PERCENT: percent({
      default: 10,
      meaning:
        "Refuse to copy rows that may be twins when more than this share of a partition's missing rows has one here: the same " +
        "sorting key and time, other content; or of the rows that only this site has, if they are missing ones but for a few " +
        "columns",
    }),
    REPAIR_AGGREGATES: choice(["report", "replace"], {
      default: "report",
      meaning:
        "What is done about a partition of a Summing- or AggregatingMergeTree that differs and is at rest: `report` it, " +
        "or `replace` it by the active site's once the roles have been the same for six checks; what was here is kept for seven days",
    }),
    BLACKOUT: timesOfDay({
      meaning:
        "Times of day without repairs, `HH:MM-HH:MM`, separated by commas, in the time zone of the machine that " +
        "runs ch-sync; `22:00-06:00` goes over midnight. Checks go on",
    }),
    MAX_INSERT_THREADS: wholeNumber({
      default: 4,
      min: 1,
      max: 256,
      meaning: "`max_insert_threads` of a copy",
    }),
    MAX_BYTES_PER_SECOND: bytes({
      min: 1000,
      max: 1_000_000_000_000,
      meaning: "Bytes a second at most that a comparison of rows or a copy reads from the other site " +
        "(`max_network_bandwidth`)",
    }),
  },
} as const satisfies Section;
