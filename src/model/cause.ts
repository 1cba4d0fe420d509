/** Causes: what a reason comes from, where one reason has several. Published in `--json` and in the state. */
import { consequence, type Reason, REASONS } from "./reason.ts";

interface CauseEntry {
  readonly reason: Reason;
  /** One line, in place of the reason's own. */
  readonly meaning: string;
  /** As in `Consequence`. */
  readonly instead: string | null;
}

export const CAUSES = {
  unexplained: {
    reason: "failed",
    meaning: "the sites differ by other rows than were found missing or surplus",
    instead: "let the next check look again; if it stays, something between the sites changes answers",
  },
  replica_behind: {
    reason: "lagging",
    meaning: "the replica has not fetched what other replicas of its site hold",
    instead: "wait until the replica has caught up",
  },
  replica_cut_off: {
    reason: "lagging",
    meaning: "the replica cannot ask Keeper what it lacks",
    instead: "bring its Keeper back up",
  },
  parts_lost: {
    reason: "lagging",
    meaning: "parts of the table are damaged or lost at the replica",
    instead: "do what the report says of the parts",
  },
  replica_hidden: {
    reason: "lagging",
    meaning: "ch-sync may not see whether the replica holds what its site holds",
    instead: "grant what the report names",
  },
  rows_queued: {
    reason: "lagging",
    meaning: "rows of the active site wait in the queue of a Distributed table, or in a Buffer table",
    instead: "wait until the queue is empty, or do what the report says of it",
  },
  not_at_replica: {
    reason: "lagging",
    meaning: "other servers of the active site have the table, and the one that is read does not",
    instead: "create the table there too, or exclude it",
  },
  not_at_all_replicas: {
    reason: "lagging",
    meaning: "other replicas of this site do not have the table",
    instead: "create the table there too",
  },
  queued_here: {
    reason: "backfilling",
    meaning: "rows wait here in the queue of a Distributed table, or in a Buffer table",
    instead: "wait until the queue is empty, or do what the report says of it",
  },
  late_rows: { reason: "backfilling", meaning: "old rows keep arriving here", instead: null },
  rows_while_compared: {
    reason: "backfilling",
    meaning: "rows arrived while they were compared",
    instead: null,
  },
  no_time: {
    reason: "backfilling",
    meaning: "the table has no time column, and its rows still change",
    instead: null,
  },
  last_row_wins: {
    reason: "backfilling",
    meaning: "the last row written wins, and rows are still being written",
    instead: null,
  },
  today: {
    reason: "backfilling",
    meaning: "today's rows differ, and a date does not tell when they arrived",
    instead: "wait: nothing is known to be missing",
  },
  future: {
    reason: "backfilling",
    meaning: "rows dated in the future differ",
    instead: "wait: nothing is known to be missing",
  },
  fed_in_part: {
    reason: "views",
    meaning: "a repair reached the table, but perhaps not all of its views",
    instead: "settle the rows kept in the staging table, then drop it",
  },
  feeds_unseen: {
    reason: "views",
    meaning:
      "a replica of this site gives no answer, at which a repair may have fed only some of the table's views",
    instead: "bring the replica back, or take its address out of LOCAL_CH_URL",
  },
  fed_before: {
    reason: "views",
    meaning: "rows are absent here, but what views made of them is not",
    instead: "drop the partition that the report names, so that both are repaired",
  },
  fed_there: {
    reason: "views",
    meaning: "a view fills it at the active site only, and each site holds rows that the other lacks",
    instead: null,
  },
  added_up: {
    reason: "aggregated",
    meaning: "an engine that adds rows up holds different sums",
    instead: "set REPAIR_AGGREGATES=replace if the active site is right, or rebuild it from raw rows",
  },
  grouped_by_ttl: {
    reason: "aggregated",
    meaning: "a TTL groups rows, at a different time at each site",
    instead: null,
  },
  twins: {
    reason: "independent",
    meaning: "both sites hold the same events with different content",
    instead: null,
  },
  same_version: {
    reason: "independent",
    meaning: "rows with the same key and version differ",
    instead: null,
  },
  expires_early: {
    reason: "drifted",
    meaning: "a TTL that only this site has takes rows that the active site keeps",
    instead: "give both sites the same TTL",
  },
  lost_signs: {
    reason: "unsupported",
    meaning: "the signs of the rows do not add up to the same total",
    instead: null,
  },
  unknown_engine: {
    reason: "unsupported",
    meaning: "an engine puts rows together in a way that ch-sync does not know",
    instead: "drop the partition here so that all of it is copied, or exclude the table",
  },
  two_of_a_name: {
    reason: "unsupported",
    meaning: "two tables have this name",
    instead: "rename one of them",
  },
  reserved_column: {
    reason: "unsupported",
    meaning: "a column has a name that ch-sync uses",
    instead: "rename the column",
  },
  no_common_hash: {
    reason: "unsupported",
    meaning: "the servers hash a type differently",
    instead: "bring both servers to the same version",
  },
  no_hash: {
    reason: "unsupported",
    meaning: "neither server hashes values of a type",
    instead: "give the column another type, or exclude the table",
  },
  ignored_column: {
    reason: "unsupported",
    meaning: "IGNORE_COLUMNS names a column without which rows cannot be told apart",
    instead: "correct IGNORE_COLUMNS, or exclude the table",
  },
  values_expire: {
    reason: "unsupported",
    meaning: "a column TTL, in an engine that combines values",
    instead: "remove that TTL, or exclude the table",
  },
  cloud_engine: {
    reason: "unsupported",
    meaning: "this site keeps the table in ClickHouse Cloud",
    instead: "exclude the table; ch-sync can only read such a site, as the active one",
  },
  same_table: {
    reason: "unsupported",
    meaning: "the two sites are replicas of one table, which replicates itself",
    instead: "exclude the table: what one site is given reaches the other by itself",
  },
  over_shards: {
    reason: "unsupported",
    meaning: "a site has several shards, over which it is not compared",
    instead: "do what the report says, or exclude the table",
  },
  keys_over_shards: {
    reason: "unsupported",
    meaning: "its engine merges rows by key, and rows of one key stand on several shards",
    instead: "keep all rows of a key on one shard of a site, or exclude the table",
  },
  no_replicas: {
    reason: "unsupported",
    meaning: "the addresses of a site do not all hold replicas of it",
    instead: "do what the report says, or exclude the table",
  },
  no_staging: {
    reason: "unsupported",
    meaning: "its database is of engine Replicated, where no staging table may lie",
    instead: "create a database of engine Atomic here, and name it in STAGING_DATABASE",
  },
  inner_table: {
    reason: "unsupported",
    meaning: "it holds rows of an object that ch-sync does not compare, or does not see",
    instead: "exclude the object that the report names",
  },
  old_syntax: { reason: "unsupported", meaning: "the old MergeTree syntax", instead: "recreate the table" },
  derived_proven: {
    reason: "derived",
    meaning: "filled by a view, and holds what it holds at the active site",
    instead: "nothing is refused",
  },
  derived_unproven: {
    reason: "derived",
    meaning: "filled by a view, and not proven to hold what it holds at the active site",
    instead: "nothing is refused",
  },
  derived_waiting: {
    reason: "derived",
    meaning: "filled by a view; compared once its sources are whole and at rest",
    instead: "nothing is refused",
  },
  derived_less: {
    reason: "views",
    meaning: "filled by a view, and holds less than at the active site, although its sources are whole",
    instead:
      "drop the partitions of it here that the report names, if the active site is right: they are copied whole",
  },
} as const satisfies Record<string, CauseEntry>;

/** A reason that has one cause only stands for it. */
export type Cause = keyof typeof CAUSES | Reason;

export function reasonOf(cause: Cause): Reason {
  return cause in CAUSES ? CAUSES[cause as keyof typeof CAUSES].reason : cause as Reason;
}

/** One line. `cause` may be one that this version does not know. */
export function meaningOf(cause: string): string {
  return origin(cause)?.meaning ?? "unknown";
}

/** What to do in place of `--accept`, which does not pass it; null: it does. */
export function insteadOfAccepting(cause: Cause): string | null {
  return origin(cause)?.instead ?? null;
}

function origin(cause: string): Pick<CauseEntry, "meaning" | "instead"> | null {
  if (Object.hasOwn(CAUSES, cause)) return CAUSES[cause as keyof typeof CAUSES];
  return Object.hasOwn(REASONS, cause) ? consequence(cause as Reason) : null;
}
