/** What the status page shows of tables and partitions. */
import type { Reason } from "./reason.ts";

/**
 * The state of a partition: a reason, or one of these. `sync`: proven by digests of all its rows. `counted`: in sync by row counts, and by
 * a digest that is older. `repaired`: by the last check. `repairing`: now. `unproven`: nothing is known of it yet.
 */
export type Tone = Reason | "sync" | "counted" | "repaired" | "repairing" | "unproven";

export interface Cell {
  readonly partitionId: string;
  readonly tone: Tone;
  /** Settled rows. */
  readonly rowsHere: bigint;
  readonly rowsActive: bigint;
  readonly missing: bigint;
  /** Unix seconds of the last digest that found nothing missing; null: there was none. */
  readonly provenAt: number | null;
  /** What was found, in words; null: nothing. */
  readonly detail: string | null;
  /** The last check did not compare it: all this is what an earlier one left. Absent: it did. */
  readonly past?: true;
}

export interface BoardTable {
  readonly table: string;
  readonly partitions: number;
  /** The newest partitions, and all those with a finding; oldest first. */
  readonly cells: readonly Cell[];
  /** How many partitions are not among them, and how many of those have a finding. */
  readonly folded: number;
  readonly foldedFound: number;
  /** What was found of the table as a whole. */
  readonly notes: readonly { readonly reason: Reason; readonly detail: string }[];
  /** Whether the last check compared it. */
  readonly compared: boolean;
  /** Whether a check that found just this is clean. */
  readonly settled: boolean;
}

/** What keeps a check from being clean, in all tables together. */
export interface Outstanding {
  /** Rows of the active site that are missing here. */
  readonly rows: bigint;
  /** Partitions, or whole tables, that ch-sync repairs or looks at again by itself. */
  readonly byItself: number;
  /** Those that wait for an operator. */
  readonly byYou: number;
  /** Tables that were not compared: what is missing in them is not known. */
  readonly unknown: number;
}

/** Nothing has been compared since. */
export interface NotSince {
  /** Of the check that compared last, ISO 8601 UTC. */
  readonly at: string;
  /** Why later ones did not, in words. */
  readonly why: string;
}

export interface Board {
  /** Null: the last check compared what it could. */
  readonly notSince: NotSince | null;
  /** Of all tables, those that are not shown included. */
  readonly total: { readonly tables: number; readonly partitions: number };
  readonly outstanding: Outstanding;
  /** Tables with findings, the gravest first, then those in sync, by name. */
  readonly tables: readonly BoardTable[];
  /** Names of tables with findings that are not among them. */
  readonly foldedUnsettled: readonly string[];
  /** The same for tables in sync. */
  readonly foldedInSync: readonly string[];
}
