/** The state of ch-sync from one check to the next, as its state file holds it. */
import type { Holdings } from "./holdings.ts";
import type { ActiveSite } from "./site.ts";

/** Field names are those of the file. Times are ISO 8601 UTC. */
export interface State {
  readonly version: 1;
  readonly last_check: string | null;
  readonly last_sync: string | null;
  readonly consecutive_clean: number;
  /** When the first of them was over, ISO 8601 UTC; null: the last check was not clean, or it is not known. */
  readonly clean_since: string | null;
  readonly failback_ready: boolean;
  readonly ready_until: string | null;
  /** When a check undid FAILBACK READY because it found rows missing here, ISO 8601 UTC; null: none did, or one has come to its end since. */
  readonly ready_undone: string | null;
  readonly active_site: ActiveSite;
  readonly tables_checked: number;
  readonly tables_with_gaps: number;
  readonly partitions_synced: number;
  readonly rows_synced: number;
  readonly new_tables_detected: readonly string[];
  readonly last_error: string | null;
  /** Digest of the settings that a streak of clean checks depends on; another one starts it afresh. */
  readonly config_digest: string;
  /** Tables with gaps at the last check, to notify of changes only. */
  readonly gap_tables: readonly string[];
  /** Of the last check: partitions of all compared tables, those of which no row had to be read, and those that were only counted. */
  readonly partitions_checked: number;
  readonly partitions_proven: number;
  readonly partitions_counted: number;
  /** When the digest was made that is the oldest of all partitions, ISO 8601 UTC; null: one was not digested yet. */
  readonly oldest_digest: string | null;
  /** Everything settled before was here when the last clean check was made, ISO 8601 UTC; null: the last one was not clean. */
  readonly verified_through: string | null;
  /** Tables that are not simply in sync: how many partitions (or the table itself: 1) carry each reason. */
  readonly reasons: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The same tables: what their reasons come from, where that is more than the reason says. */
  readonly causes: Readonly<Record<string, readonly string[]>>;
  /** `table partition reason` of what a guard refused at the last check. */
  readonly refused: readonly string[];
  /** Which replica the last completed check read, `local` and `remote`, of each site that has several addresses. */
  readonly replicas_read: Readonly<Record<string, string>>;
  /** Sites that did not answer at the last check: `local`, `remote`. */
  readonly unreachable: readonly string[];
  /** When a message last said, or could have said, that this site is not ready, ISO 8601 UTC; null: it is ready, or active. */
  readonly told_not_ready: string | null;
  /** FAILBACK READY holds, and vm-sync was not ready at any check since it was said. */
  readonly waits_for_neighbour: boolean;
  /** Completed checks in a row, up to the last one, that found this site passive and the same site active. */
  readonly steady_checks: number;
  /** What this site held at the last check that compared everything; null: there was none. */
  readonly holds: Holdings | null;
  /** Random; names what this installation stages and runs. Empty: not chosen yet. */
  readonly installation: string;
}

/** The state before the first check. */
export const FRESH_STATE: State = {
  version: 1,
  last_check: null,
  last_sync: null,
  consecutive_clean: 0,
  clean_since: null,
  failback_ready: false,
  ready_until: null,
  ready_undone: null,
  active_site: "unknown",
  tables_checked: 0,
  tables_with_gaps: 0,
  partitions_synced: 0,
  rows_synced: 0,
  new_tables_detected: [],
  last_error: null,
  config_digest: "",
  gap_tables: [],
  partitions_checked: 0,
  partitions_proven: 0,
  partitions_counted: 0,
  oldest_digest: null,
  verified_through: null,
  reasons: {},
  causes: {},
  refused: [],
  replicas_read: {},
  unreachable: [],
  told_not_ready: null,
  waits_for_neighbour: false,
  steady_checks: 0,
  holds: null,
  installation: "",
};
