/** What the examination of every table needs to know. */
import type { RememberedPartition, RememberedTable } from "../model/memory.ts";
import type { Repair } from "../model/repair.ts";
import type { Finding } from "../model/report.ts";
import type { Moment } from "../model/scope.ts";
import type { Settings } from "../model/settings.ts";
import type { VerifyBudget } from "../reconcile/choose_comparison.ts";
import type { Zones } from "../reconcile/compare_schemas.ts";
import type { Discovery } from "./discovery.ts";
import type { PartitionReader } from "./partition_reader.ts";

export interface DescribedPartition {
  readonly partitionId: string;
  /** Null: it is simply in sync. */
  readonly finding: Finding | null;
  readonly remembered: RememberedPartition;
}

/** How to look exactly for what a repair presumed, should it turn out to be wrong. */
export type Presumptions = Map<Repair, () => Promise<DescribedPartition>>;

export interface ExamineContext extends Pick<Discovery, "sources" | "derived" | "compared" | "summaries"> {
  readonly settings: Pick<
    Settings,
    | "settleSeconds"
    | "maxConflictPercent"
    | "replaceAggregates"
    | "role"
    | "verifyIntervalSeconds"
    | "maxConcurrentTables"
  >;
  readonly zones: Zones;
  readonly moment: Moment;
  /** Functions that are not known to answer always the same. */
  readonly unsteady: ReadonlySet<string>;
  /** `database.table` or `database.table:partition` of what is repaired though a guard refuses it. */
  readonly accepted: ReadonlySet<string>;
  readonly reader: PartitionReader;
  /** Counts alone will not do: the check could turn FAILBACK READY on. */
  readonly deep: boolean;
  readonly budget: VerifyBudget;
  /** Why nothing may be replaced on account of the roles yet, in words; null: it may. */
  readonly roleAwaited: string | null;
  /** Takes the repairs that presume what is missing; null: nothing is presumed, as nothing will be repaired. */
  readonly presumptions: Presumptions | null;
}

/** What earlier checks know of a table, if it is still the same one. */
export interface KnownTable {
  /** Null: nothing is known of it. */
  readonly table: RememberedTable | null;
  /** Its proofs still count. */
  readonly provable: boolean;
  /** What is said of partitions that cannot be compared, by their ids. */
  readonly unstable: ReadonlyMap<string, Finding>;
}
