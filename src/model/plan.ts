/** What a check is going to do: a value that can be printed, counted and filtered before anything is done. */
import type { RememberedPartition } from "./memory.ts";
import type { Repair } from "./repair.ts";
import { type Finding, type TableReport, tableReport } from "./report.ts";

/**
 * What was found of one partition, and what would be done about it.
 *
 *     finding  repair  ifAccepted
 *     null     null    null        it is simply in sync
 *     set      null    null        nothing is, or can be, done about it
 *     set      null    set         a guard refuses it; with --accept, ifAccepted takes its place
 *     set      set     null        it is repaired
 */
export interface PartitionPlan {
  readonly partitionId: string;
  readonly finding: Finding | null;
  /** What is refused of the partition all the same, where the rest is repaired. */
  readonly held?: Finding;
  readonly repair: PlannedRepair | null;
  readonly ifAccepted: PartitionPlan | null;
  /** What the next check should remember of the partition if nothing is repaired; null: nothing. */
  readonly remember: RememberedPartition | null;
}

export interface PlannedRepair {
  readonly repair: Repair;
  /** Compares row by row, if what the repair presumes turns out to be wrong; null: it presumes nothing. */
  readonly lookAgain: (() => Promise<PartitionPlan>) | null;
}

/** One table: what was found of it as a whole or is remembered, and the plans of partitions that were compared. */
export interface TablePlan {
  /** Without what the plans find. */
  readonly report: TableReport;
  /** Only those with a finding, in the order of their ids. */
  readonly plans: readonly PartitionPlan[];
}

/** A table of which nothing is planned. */
export function unplanned(report: TableReport): TablePlan {
  return { report, plans: [] };
}

/** The report of a table if nothing is repaired. */
export function reportOf({ report, plans }: TablePlan): TableReport {
  return withPlans(report, plans);
}

/** A report with what became of its plans, in the order of the partitions. */
export function withPlans(report: TableReport, plans: readonly PartitionPlan[]): TableReport {
  const found = [
    ...report.findings,
    ...plans.flatMap(({ finding, held }) => [finding ?? [], held ?? []].flat()),
  ];
  const findings = found.toSorted((a, b) => (a.partitionId ?? "") < (b.partitionId ?? "") ? -1 : 1);
  const touched = plans.filter(({ finding, repair }) => repair || finding?.accepted);
  const remember = touched.flatMap(({ partitionId, remember }) =>
    remember ? [[partitionId, remember] as const] : []
  );
  return { ...report, findings, rememberPartitions: new Map([...report.rememberPartitions, ...remember]) };
}

/** What was found of a table; what is not said is as in a table of which nothing was found. */
export interface ExaminedTable extends Partial<TableReport> {
  readonly plans?: readonly PartitionPlan[];
}

export function tablePlan(table: string, { plans = [], ...fields }: ExaminedTable): TablePlan {
  return { report: tableReport(table, fields), plans };
}
