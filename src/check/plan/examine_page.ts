/** Examining a page of partitions of one table: what is proven is skipped, the rest is compared and judged. */
import { type TableDigest, tableDigest } from "../../model/digest.ts";
import type { RememberedPartition, RememberedPartitions } from "../../model/memory.ts";
import { type BothPartitions, heldByEither } from "../../model/partition.ts";
import type { PartitionPlan } from "../../model/plan.ts";
import { type Finding, finding } from "../../model/report.ts";
import type { Moment } from "../../model/scope.ts";
import type { TablePair } from "../../model/table.ts";
import { comparedThrough, leavesOutOlder } from "../judge/compared_through.ts";
import { NOT_COMPARED } from "../judge/account_for.ts";
import { describeProven } from "../judge/describe_proven.ts";
import { compareTable, type TableComparison } from "../compare/compare_table.ts";
import { siteMadePartitionKeys } from "../tables/made_up_values.ts";
import { planPage } from "./plan_page.ts";
import { planReading, type ReadingPlan } from "../memory/choose_reading.ts";
import type { ExamineContext, TableFacts } from "./examine_context.ts";
import type { PartitionPage } from "../compare/partition_reader.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

export interface ExaminedPage {
  /** Findings about partitions that were not compared. */
  readonly findings: readonly Finding[];
  readonly plans: readonly PartitionPlan[];
  /** What the next check should remember, by the ids of partitions. */
  readonly toRemember: RememberedPartitions;
  /** Partitions that were looked at, and how many of them were proven before, or only counted. */
  readonly partitions: number;
  readonly proven: number;
  readonly counted: number;
  /** The settled rows of the active site. */
  readonly compared: TableDigest;
  /** As in `TableReport`. */
  readonly through: number | null;
  readonly hidden: TableComparison["hidden"];
  /** Why numbers that look like times are not taken for them; null: none do. */
  readonly doubt: string | null;
}

export async function examinePage(
  ports: Pick<CheckPorts, "here" | "there" | "observer">,
  pair: TablePair,
  page: PartitionPage,
  table: TableFacts,
  context: ExamineContext,
): Promise<ExaminedPage> {
  const { moment, restless, presumes, hashBudget, settings: { settleSeconds, timeColumns } } = context;
  const plan = planReading(pair, page, table, context);
  const { proven, byCounts, toRead } = plan;
  const partitions = { here: page.here, there: toRead };
  // Where rows may have their twins in another partition, surplus rows there have to be known.
  const apart = presumes && siteMadePartitionKeys(pair.here).length === 0;
  const mayPresume = (id: string) => apart && !wasLeftDiffering(page.remembered.get(id));
  const now = () => context.reader.now(pair);
  const options = { moment, restless, settleSeconds, timeColumns, now, hashBudget };
  const comparison = await compareTable(ports, pair, partitions, { ...options, byCounts, mayPresume });
  const toRemember = new Map<string, RememberedPartition>();
  for (const { partition: { id }, remembered } of proven) toRemember.set(id, remembered);
  const findings = [...table.unstable].flatMap(([id, found]) => page.there.has(id) ? found : []);
  tellUnread(ports, pair.name, plan, findings);
  const provenBefore = proven.map(({ remembered: { rowsActive, proof } }) => ({
    rows: rowsActive,
    city: proof?.city ?? 0n,
  }));
  for (const { partition, remembered } of proven) {
    const remark = describeProven(pair.here, remembered);
    const { rows } = partition;
    if (remark) {
      findings.push({
        ...finding(pair.name, partition.id, remark.reason, remark.detail),
        rowsActive: rows,
        rowsHere: page.here.get(partition.id)?.rows ?? 0n,
        surplus: remark.surplus,
      });
    }
  }
  const compareAgain = (some: BothPartitions) =>
    compareTable(ports, pair, some, {
      ...options,
      byCounts: new Set(),
      mayPresume: () => false,
      settledBy: comparison.settledBy,
    });
  const read = { ...page, compared: comparison.partitions, chosen: plan.chosen };
  const plans = comparison.hidden.length > 0
    ? []
    : await planPage(ports, pair, read, table, context, compareAgain);
  const planned = new Set(plans.map(({ partitionId }) => partitionId));
  for (const { id, rows } of comparison.hidden.length > 0 ? [] : toRead.values()) {
    if (planned.has(id)) continue;
    const lost = { ...finding(pair.name, id, "unexplained", NOT_COMPARED), rowsActive: rows };
    findings.push(lost);
    ports.observer.judged({
      table: pair.name,
      partitionId: id,
      reading: plan.chosen.get(id) ?? "digest",
      compared: null,
      remembered: page.remembered.get(id) ?? null,
      plan: { finding: lost, repair: null, ifAccepted: null },
    });
  }
  for (const { partitionId, remember } of plans) if (remember) toRemember.set(partitionId, remember);
  return {
    findings,
    plans: plans.filter(({ finding }) => finding !== null),
    toRemember,
    partitions: heldByEither(page),
    proven: proven.length,
    counted: comparison.partitions.filter(({ facts }) => facts.counted).length,
    compared: tableDigest([comparison.compared, ...provenBefore]),
    through: throughOf(pair, comparison, page, moment),
    hidden: comparison.hidden,
    doubt: comparison.settledBy.doubt,
  };
}

/** What is proven is here as it was at the active site when the check began. */
function throughOf(
  { here }: TablePair,
  { partitions, hidden }: TableComparison,
  { remembered }: PartitionPage,
  { settledBefore }: Moment,
): number | null {
  if (hidden.length > 0 || partitions.some(({ facts }) => leavesOutOlder(facts, here))) return null;
  return partitions.reduce((least, { facts }) => {
    const last = remembered.get(facts.there.id)?.digestedAt ?? null;
    return Math.min(least, comparedThrough(facts, last));
  }, settledBefore);
}

/** Whether the last check left a difference that it could not repair: presuming the same once more would not help. */
function wasLeftDiffering(last: RememberedPartition | undefined): boolean {
  return last !== undefined && last.digestedAt === null && last.rowsHere !== last.rowsActive;
}

/** Tells the observer of the partitions of which no row is read. */
function tellUnread(
  { observer }: Pick<CheckPorts, "observer">,
  table: string,
  { proven, chosen }: ReadingPlan,
  unstable: readonly Finding[],
): void {
  for (const { partition: { id: partitionId }, remembered } of proven) {
    const reading = chosen.get(partitionId) ?? "proven";
    observer.judged({ table, partitionId, reading, compared: null, remembered, plan: null });
  }
  for (const finding of unstable) {
    const { partitionId } = finding;
    const plan = { finding, repair: null, ifAccepted: null };
    observer.judged({ table, partitionId, reading: "unstable", compared: null, remembered: null, plan });
  }
}
