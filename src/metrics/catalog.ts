/** Every metric: the one list that the code, docs/monitoring.md, the alerts and the dashboard agree on. */

export interface Metric {
  readonly name: string;
  readonly type: "gauge" | "counter" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, in its unit. */
  readonly buckets?: readonly number[];
}

function gauge(name: string, help: string, ...labels: string[]): Metric {
  return { name, type: "gauge", help, labels };
}

function counter(name: string, help: string, ...labels: string[]): Metric {
  return { name, type: "counter", help, labels };
}

/** `site`: local or remote; `shard` from 1 on; `replica`: its address. */
const REPLICA = ["site", "shard", "replica"];

export const CATALOG = {
  buildInfo: gauge("ch_sync_build_info", "Always 1; the running version.", "version", "commit"),
  role: gauge("ch_sync_role", "Always 1; the site at which this ch-sync runs.", "role"),
  activeSite: gauge(
    "ch_sync_active_site",
    "1 for the site that the failover record names: primary, dr or unknown.",
    "site",
  ),
  standby: gauge("ch_sync_standby", "1 while this site is the active one: it has nothing to copy."),
  siteUp: gauge(
    "ch_sync_site_up",
    "Whether the ClickHouse answered at the last check that asked it; absent until a check has.",
    "site",
  ),
  replicaRead: gauge(
    "ch_sync_replica_read",
    "1 for the replica of each shard that the last check read, 0 for the others; absent where a site has one address.",
    ...REPLICA,
  ),
  replicaUp: gauge("ch_sync_replica_up", "Whether the replica answered at the last check.", ...REPLICA),
  replicaDoubted: gauge(
    "ch_sync_replica_tables_not_believed",
    "Tables of which the replica may not hold all; absent where it gave no answer, or ch-sync may not look.",
    ...REPLICA,
  ),
  ready: gauge("ch_sync_failback_ready", "1 while FAILBACK READY holds: it is safe to switch back."),
  paused: gauge("ch_sync_paused", "1 while repairs are paused: checks go on, and nothing is repaired."),
  clean: gauge("ch_sync_consecutive_clean_checks", "Clean checks in a row."),
  wanted: gauge("ch_sync_wanted_clean_checks", "Clean checks in a row that FAILBACK READY needs."),
  interval: gauge("ch_sync_check_interval_seconds", "From the start of one check to the start of the next."),
  lastCheck: gauge("ch_sync_last_check_timestamp_seconds", "When the last check was completed; 0: none yet."),
  lastSuccess: gauge(
    "ch_sync_last_success_timestamp_seconds",
    "When the last clean check was completed; 0: none since ch-sync started, and the last one before it was not clean.",
  ),
  lastProven: gauge(
    "ch_sync_last_proven_timestamp_seconds",
    "When the last check without failures was completed, whether rows were missing or not; 0: as for the last success.",
  ),
  verifiedThrough: gauge(
    "ch_sync_verified_through_timestamp_seconds",
    "All rows older than this were here at the last check; 0: it was not clean.",
  ),
  holdsThrough: gauge(
    "ch_sync_holds_through_seconds",
    "This site holds every row of the active one that is older, in all tables of which that is known; 0: nothing is known.",
  ),
  holdsUnknown: gauge(
    "ch_sync_holds_unknown_tables",
    "Tables of which it is not known what this site holds, so that ch_sync_holds_through_seconds does not speak of them.",
  ),
  behind: gauge(
    "ch_sync_seconds_behind",
    "Age at most of the oldest row that the last completed check left missing; 0: no row of known age is missing.",
  ),
  missingRows: gauge("ch_sync_missing_rows", "Rows that the last completed check left missing here."),
  unknownAge: gauge(
    "ch_sync_findings_of_unknown_age",
    "Findings that keep a check from being clean and whose age is unknown to ch_sync_seconds_behind.",
  ),
  tables: gauge(
    "ch_sync_tables",
    "Tables at the last check: in_sync, or by what was found of them.",
    "reason",
  ),
  partitions: gauge(
    "ch_sync_partitions",
    "Partitions at the last check: compared, and of those proven before and only counted.",
    "state",
  ),
  findings: gauge(
    "ch_sync_findings",
    "Findings that the last check left, about partitions or whole tables, by reason.",
    "reason",
  ),
  tableMissingRows: gauge(
    "ch_sync_table_missing_rows",
    "Rows missing here after the last check, for the tables that lack the most (50 at most).",
    "table",
  ),
  provenRatio: gauge(
    "ch_sync_proven_ratio",
    "Share of the partitions that digests proved to lack nothing, 0 to 1; a lower bound.",
  ),
  oldestDigest: gauge(
    "ch_sync_oldest_digest_timestamp_seconds",
    "When the oldest digest of all partitions was made; 0: a partition was never digested.",
  ),
  checks: counter("ch_sync_checks_total", "Checks, by how they ended.", "outcome"),
  checkSeconds: {
    name: "ch_sync_check_duration_seconds",
    type: "histogram",
    help: "How long checks take.",
    labels: [],
    buckets: [0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 14_400],
  },
  repairs: counter("ch_sync_repairs_total", "Repairs of partitions, by how they ended.", "outcome"),
  repairedRows: counter("ch_sync_repaired_rows_total", "Rows that repairs added here."),
  repairedBytes: counter(
    "ch_sync_repaired_bytes_total",
    "Compressed bytes that repairs moved, estimated from the partition at the active site.",
  ),
  repairSeconds: {
    name: "ch_sync_repair_duration_seconds",
    type: "histogram",
    help: "How long repairs of one partition take.",
    labels: [],
    buckets: [0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400],
  },
  refusals: counter(
    "ch_sync_guard_refusals_total",
    "Findings that a guard refused to repair, counted anew at each check.",
    "reason",
  ),
  statements: counter("ch_sync_statements_total", "Statements sent to ClickHouse.", "site", "outcome"),
  notifications: counter("ch_sync_notifications_total", "Messages to NOTIFY_WEBHOOK.", "outcome"),
  residentMemory: gauge("ch_sync_process_resident_memory_bytes", "Resident memory of ch-sync."),
  startTime: gauge("ch_sync_process_start_time_seconds", "When ch-sync was started."),
} as const satisfies Record<string, Metric>;

export type MetricKey = keyof typeof CATALOG;
