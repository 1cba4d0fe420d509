/** What the status page and the metrics know of a running ch-sync. */
import type { SiteName } from "./site.ts";

export interface SiteView {
  readonly name: SiteName;
  /** `local`: the one at which this ch-sync runs. */
  readonly side: "local" | "remote";
  readonly role: "active" | "passive" | "unknown";
  /** At the last check; null: it was not asked yet. */
  readonly answers: boolean | null;
  readonly version: string | null;
  readonly timezone: string | null;
  /** Seconds by which the server's clock is ahead of this machine's; negative: behind. */
  readonly skewSeconds: number | null;
}

/** A repair that is under way. */
export interface RunningRepair {
  readonly table: string;
  readonly partitionId: string;
  /** Rows that are to come, and how many, and how many bytes (uncompressed), have come. */
  readonly rows: bigint;
  readonly copiedRows: number;
  readonly copiedBytes: number;
  readonly since: Date;
}

/** A check that is under way. */
export interface RunningCheck {
  readonly since: Date;
  /** Tables that there are to look into, and how many were begun; null: not known yet. */
  readonly tables: number | null;
  readonly begun: number;
  readonly repair: RunningRepair | null;
}

export interface PastEvent {
  readonly at: Date;
  readonly text: string;
}
