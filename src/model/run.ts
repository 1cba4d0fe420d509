/** A check as it is kept: figures, and what was found. Field names are those of its JSON; times are ISO 8601 UTC. */
import type { ActiveSite } from "./site.ts";
import type { CheckOutcome } from "./report.ts";

export interface RunFinding {
  readonly table: string;
  /** Null: the table as a whole. */
  readonly partition: string | null;
  readonly reason: string;
  readonly cause: string;
  /** In words; cut where it is long. */
  readonly detail: string;
  /** Whether a check that left just this is clean. */
  readonly clean: boolean;
  readonly repaired: boolean;
  readonly rows_missing: number;
  readonly rows_surplus: number;
}

export interface Run {
  readonly started_at: string;
  /** How long it took. */
  readonly seconds: number;
  readonly active_site: ActiveSite;
  readonly outcome: CheckOutcome;
  readonly error: string | null;
  /** What was asked for, in words; null: nothing but a check. */
  readonly scope: string | null;
  /** Only some tables or partitions were looked at. */
  readonly limited: boolean;
  readonly tables: number;
  readonly partitions: number;
  readonly partitions_proven_before: number;
  readonly partitions_counted_only: number;
  /** Settled rows of the active site. */
  readonly rows_compared: number;
  readonly partitions_repaired: number;
  readonly rows_repaired: number;
  /** Rows that it left missing. */
  readonly rows_missing: number;
  readonly clean: boolean;
  /** After it. */
  readonly consecutive_clean: number;
  readonly failback_ready: boolean;
  /** This site held everything that was older; null: it was not a check of everything, or it is not known. */
  readonly holds_through: string | null;
  /** The gravest first, bounded; and how many more there were. */
  readonly findings: readonly RunFinding[];
  readonly findings_left_out: number;
}

/** A run in the memory. */
export interface NumberedRun extends Run {
  /** Later runs have higher ones. */
  readonly run: number;
}
