/** What was known about a partition when it was judged, and the result: for whoever asks why. */
import type { RememberedPartition } from "../../model/memory.ts";
import type { PartitionPlan } from "../../model/plan.ts";
import type { Bucketing } from "../../model/scope.ts";
import type { TablePair } from "../../model/table.ts";
import type { Reading } from "../memory/choose_reading.ts";
import type { PartitionFacts } from "./partition_facts.ts";

/**
 * How a partition was compared:
 *
 * - `absent`: this site has no row of it, so there is nothing to compare with.
 * - `counted`: rows are counted by bucket, and digested only where the counts differ.
 * - `alike`: as many rows on both sites, most likely the same: one digest each tells.
 * - `apart`: not as many, so it is digested by bucket.
 * - `merging`: the engine merges rows, so what is compared is what they come down to.
 */
export type CompareMethod = "absent" | "counted" | "alike" | "apart" | "merging";

export interface JudgedPartition {
  /** `database.table`. */
  readonly table: string;
  /** Null: the table as a whole, or a stretch of it. */
  readonly partitionId: string | null;
  /**
   * How much of it was to be read. `unchanged`: nothing, as every partition of the table is proven and no part has changed;
   * `stretch`: the same of neighbouring partitions of a large table;
   * `unstable`: nothing, as it cannot be compared; `only here`: nothing, as the active site holds no row of it.
   */
  readonly reading: Reading | "unchanged" | "stretch" | "unstable" | "only here";
  /** What was found, row by row or by digests; null: none of its rows was read. */
  readonly compared: {
    readonly facts: PartitionFacts;
    readonly method: CompareMethod;
    readonly bucketing: Bucketing;
  } | null;
  /** The table; absent: nothing of it was compared. */
  readonly pair?: TablePair;
  /** What is remembered of it; null: nothing, or nothing that still counts. */
  readonly remembered: RememberedPartition | null;
  /** The result; null: the same as before. */
  readonly plan: Pick<PartitionPlan, "finding" | "repair" | "ifAccepted"> | null;
}
