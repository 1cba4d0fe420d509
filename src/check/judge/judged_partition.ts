/** What was known of a partition when it was judged, and what came of it: for whoever asks why. */
import type { RememberedPartition } from "../../model/memory.ts";
import type { PartitionPlan } from "../../model/plan.ts";
import type { CompareMethod } from "../compare/compare_method.ts";
import type { Comparison } from "../memory/choose_comparison.ts";
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
  readonly reading: Comparison | "unchanged" | "unstable" | "only here";
  /** What was found of it, row by row or by digests; null: none of its rows was read. */
  readonly compared: { readonly facts: PartitionFacts; readonly method: CompareMethod } | null;
  /** What the last check knew of it; null: nothing, or nothing that still counts. */
  readonly before: RememberedPartition | null;
  /** What came of it; null: nothing that was not known before. */
  readonly plan: Pick<PartitionPlan, "finding" | "repair" | "ifAccepted"> | null;
}
