/** What the status page and the metrics know of a running ch-sync. */
import type { SeenAddress } from "./replica_pick.ts";
import type { SiteName } from "./site.ts";

export interface SiteView {
  readonly name: SiteName;
  /** `local`: the one at which this ch-sync runs. */
  readonly side: "local" | "remote";
  readonly role: "active" | "passive" | "unknown";
  /** At the last check; null: it was not asked yet. */
  readonly answers: boolean | null;
  /** The replica that the last check read; null: the site has one address. */
  readonly replica: string | null;
  /** All of its addresses by shard, as the last check that compared tables met them; empty: it has one address. */
  readonly shards: readonly (readonly SeenAddress[])[];
  readonly version: string | null;
  readonly timezone: string | null;
  /** Seconds by which the server's clock is ahead of this machine's; negative: behind. */
  readonly skewSeconds: number | null;
}

export interface LackingPartition {
  readonly partitionId: string;
  readonly rows: bigint;
}

/** A repair that is running. */
export interface RunningRepair {
  readonly table: string;
  readonly partitionId: string;
  /** Others that are repaired together with it, and what each of them lacks; absent: none. */
  readonly beside?: readonly LackingPartition[];
  /** Rows to copy, of all of them; and how many rows, and bytes (uncompressed), have been copied. */
  readonly rows: bigint;
  readonly copiedRows: number;
  readonly copiedBytes: number;
  readonly since: Date;
}

/** A check that is running. */
export interface RunningCheck {
  readonly since: Date;
  /** How many tables there are to compare (null: not known yet), and how many of them were begun. */
  readonly tables: number | null;
  readonly begun: number;
  readonly repair: RunningRepair | null;
}

export interface PastEvent {
  readonly at: Date;
  readonly text: string;
}

/** The partitions of a repair in a few words: `20260102`, or `20260102 and 39 more`. */
export function partitionsOf(
  { partitionId, beside = [] }: { readonly partitionId: string; readonly beside?: readonly unknown[] },
): string {
  return beside.length === 0 ? partitionId : `${partitionId} and ${beside.length} more`;
}
