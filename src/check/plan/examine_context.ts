/** What the examination of every table needs to know. */
import type { RememberedTable } from "../../model/memory.ts";
import type { Finding } from "../../model/report.ts";
import type { Moment } from "../../model/scope.ts";
import type { Settings } from "../../model/settings.ts";
import type { Budget } from "../budget.ts";
import type { Refusals } from "../tables/refuse_table.ts";
import type { ChosenPartitions } from "../tables/choose_partitions.ts";
import type { Upstream } from "../views/target_shape.ts";
import type { Discovery } from "../tables/discovery.ts";
import type { PartitionReader } from "../compare/partition_reader.ts";
import type { PlanPolicy } from "./plan_partition.ts";

export interface ExamineContext
  extends
    PlanPolicy,
    Pick<Discovery, "sources" | "derived" | "compared" | "summaries" | "pairs" | "unprovable"> {
  /** What the views of this site are, asked once. */
  readonly upstream: () => Promise<Upstream>;
  readonly settings: Pick<
    Settings,
    | "settleSeconds"
    | "timeColumns"
    | "maxConflictPercent"
    | "replaceAggregates"
    | "shards"
    | "role"
    | "verifyIntervalSeconds"
    | "maxConcurrentTables"
  >;
  readonly refused: Refusals;
  readonly moment: Moment;
  /** By what rows of partitions that still change are settled, where that is not `moment`. */
  readonly restless?: Moment;
  /** Functions that may return something else for the same arguments. */
  readonly unsteady: ReadonlySet<string>;
  readonly reader: Pick<PartitionReader, "pages" | "pagesBeside" | "now">;
  /** Partitions that are looked at; absent: all of every table. */
  readonly chosen?: ChosenPartitions;
  /** No proof of an earlier check counts. */
  readonly verify?: boolean;
  /** Counts alone are not enough: the check could turn FAILBACK READY on. */
  readonly deep: boolean;
  /** Bytes of history that may be read again although nothing suggests that they changed. */
  readonly budget: Budget;
  /** Hashes that repairs may name. */
  readonly hashBudget: Budget;
  /** Whether repairs may presume what is missing: the staged rows will prove or disprove it. */
  readonly presumes: boolean;
}

/** What is known of a table before its partitions are looked at. */
export interface TableFacts {
  /** Null: nothing is remembered of it, or it is another table by now. */
  readonly remembered: RememberedTable | null;
  /** Its rows are hashed in another way than what is remembered. */
  readonly rehashed: boolean;
  /** Its proofs still count. */
  readonly proofsHold: boolean;
  /** What is said of partitions that cannot be compared, by their ids. */
  readonly unstable: ReadonlyMap<string, Finding>;
}

/** Of a table of which nothing counts but what its rows say now. */
export const UNREMEMBERED: TableFacts = {
  remembered: null,
  rehashed: true,
  proofsHold: false,
  unstable: new Map(),
};
