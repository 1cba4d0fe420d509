/** What was known about a partition when it was judged, and the result: for whoever asks why. */
import type { RememberedPartition } from "../../model/memory.ts";
import type { PartitionPlan } from "../../model/plan.ts";
import type { CompareMethod } from "../compare/compare_method.ts";
import type { Reading } from "../memory/choose_reading.ts";
import type { PartitionFacts } from "./partition_facts.ts";

export interface JudgedPartition {
  /** `database.table`. */
  readonly table: string;
  /** Null: the table as a whole. */
  readonly partitionId: string | null;
  /**
   * How much of it was to be read. `unchanged`: nothing, as every partition of the table is proven and no part has changed;
   * `unstable`: nothing, as it cannot be compared; `only here`: nothing, as the active site holds no row of it.
   */
  readonly reading: Reading | "unchanged" | "unstable" | "only here";
  /** What was found, row by row or by digests; null: none of its rows was read. */
  readonly compared: { readonly facts: PartitionFacts; readonly method: CompareMethod } | null;
  /** What is remembered of it; null: nothing, or nothing that still counts. */
  readonly remembered: RememberedPartition | null;
  /** The result; null: the same as before. */
  readonly plan: Pick<PartitionPlan, "finding" | "repair" | "ifAccepted"> | null;
}
