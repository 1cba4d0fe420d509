/** Why it is safe to fail back, or why not: the document of `--evidence`, with the field names of its JSON. */

import type { NeighbourVerdict } from "./neighbour.ts";
import type { Pause } from "./pause.ts";

/** A replica of a shard. */
export interface EvidenceReplica {
  readonly url: string;
  /** Whether the check read it. */
  readonly read: boolean;
  /** Null: it gave no answer. */
  readonly version: string | null;
}

export interface EvidenceSite {
  readonly name: "primary" | "dr";
  readonly role: "active" | "passive";
  readonly url: string;
  /** Other addresses of the site, which are replicas of this one and were not read. */
  readonly others: readonly string[];
  /** In the order of the settings, each with its replicas; absent: the site has one address. */
  readonly shards?: readonly { readonly shard: number; readonly replicas: readonly EvidenceReplica[] }[];
  readonly version: string | null;
  readonly timezone: string | null;
}

/** Rows as a sum of hashes, which does not depend on their order and counts repeated ones. Decimal. */
export interface EvidenceDigest {
  readonly rows: string;
  readonly cityhash64: string;
}

export interface EvidenceFinding {
  readonly partition: string | null;
  readonly reason: string;
  /** What it comes from; the reason itself where it has one cause only. */
  readonly cause: string;
  readonly detail: string;
  /** Whether a check that found just this is clean. */
  readonly clean: boolean;
  readonly rows_missing: string;
  readonly rows_surplus: string;
  /** When the missing rows are of, ISO 8601 UTC: `to` is not part of it. */
  readonly missing_between: readonly { readonly from: string; readonly to: string; readonly rows: number }[];
}

export interface EvidenceTable {
  readonly table: string;
  /** `complete`: every settled row of the active site is here. */
  readonly verdict: "complete" | "incomplete" | "not_compared";
  readonly partitions: number;
  readonly oldest_digest: string | null;
  /** Settled rows of the active site. */
  readonly active: EvidenceDigest;
  /** The same at this site; null: it holds other rows. */
  readonly here: EvidenceDigest | null;
  readonly rows_surplus: string;
  readonly findings: readonly EvidenceFinding[];
  readonly warnings: readonly string[];
}

export interface Evidence {
  readonly schema_version: 1;
  readonly safe: boolean;
  /** What holds repairs back at this site; null: nothing does. */
  readonly paused: Pause | null;
  /** One line. */
  readonly verdict: string;
  /** What vm-sync says; null: ch-sync does not ask it (NEIGHBOUR_STATE_FILE). */
  readonly neighbour: NeighbourVerdict | null;
  /** Whether ClickHouse and what vm-sync keeps may be switched back together; null: it is not asked. */
  readonly safe_for_both: boolean | null;
  /** Why it is not safe; none where it is. */
  readonly reasons: readonly string[];
  readonly made_at: string;
  readonly ch_sync: string;
  readonly sites: readonly EvidenceSite[];
  readonly checks: {
    readonly consecutive_clean: number;
    /** When the first of them was over; null: not known. */
    readonly clean_since: string | null;
    readonly wanted: number;
    readonly last_check: string | null;
    readonly ready_until: string | null;
    /** Older rows were settled, so they were compared. */
    readonly verified_through: string | null;
  };
  readonly tables: readonly EvidenceTable[];
  /** Tables that views fill and of which it is not proven that this site holds what the active one does, with figures. */
  readonly not_proven: readonly { readonly table: string; readonly detail: string }[];
  /** Columns that are not compared, as each site fills them for itself: `database.table.column`. */
  readonly ignored_columns: readonly string[];
  /** Patterns of tables that are left out, and tables whose engine is not synced. */
  readonly excluded_patterns: readonly string[];
  readonly not_synced: readonly { readonly table: string; readonly engine: string }[];
  readonly warnings: readonly string[];
  readonly settings: Readonly<Record<string, string | number | boolean | null>>;
}
