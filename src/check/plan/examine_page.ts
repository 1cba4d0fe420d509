/** Examining a page of partitions of one table: what is proven is skipped, the rest is compared and judged. */
import { addDigests, type Digest, EMPTY_DIGEST } from "../../model/digest.ts";
import type { FedWay } from "../../model/derived_view.ts";
import type { RememberedPartition, RememberedPartitions } from "../../model/memory.ts";
import type { Partitions } from "../../model/partition.ts";
import type { PartitionPlan } from "../../model/plan.ts";
import { type Finding, finding } from "../../model/report.ts";
import type { Moment } from "../../model/scope.ts";
import type { TablePair } from "../../model/table.ts";
import type { PartitionFacts } from "../judge/partition_facts.ts";
import { comparedThrough } from "../judge/compared_through.ts";
import { NOT_COMPARED } from "../judge/account_for.ts";
import { describeProven } from "../judge/describe_proven.ts";
import type { ComparedPartition } from "../compare/compare_partitions.ts";
import { type CompareOptions, compareTable, type TableComparison } from "../compare/compare_table.ts";
import { planOnlyHere } from "./plan_only_here.ts";
import { planPartition } from "./plan_partition.ts";
import { planReading, type ReadingPlan } from "../memory/choose_reading.ts";
import type { ExamineContext, TableFacts } from "./examine_context.ts";
import { fedTargets, namesOf } from "../views/fed_targets.ts";
import { partitionsFedBy, refuseFedTwice } from "../views/fed_twice.ts";
import { countLateAndGrouped } from "../compare/late_and_grouped.ts";
import { nameTwinColumns } from "../judge/name_twin_columns.ts";
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
  readonly compared: Digest;
  /** As in `TableReport`; null: nothing was compared. */
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
  const { moment, restless, presumes, settings: { settleSeconds, timeColumns } } = context;
  const plan = planReading(pair, page, table, context);
  const { proven, byCounts, toRead } = plan;
  const partitions = { here: page.here, there: toRead };
  const mayPresume = (id: string) => presumes && !wasLeftDiffering(page.remembered.get(id));
  const options = { moment, restless, settleSeconds, byCounts, mayPresume, timeColumns };
  const comparison = await compareTable(ports, pair, partitions, options);
  const toRemember = new Map(proven.map(({ partition: { id }, remembered }) => [id, remembered]));
  const findings = [...page.there.keys()].flatMap((id) => table.unstable.get(id) ?? []);
  tellUnread(ports, pair.name, plan, findings);
  let compared = comparison.compared;
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
    const { city, xxh } = remembered.proof ?? EMPTY_DIGEST;
    compared = addDigests(compared, { rows: remembered.rowsActive, city, xxh });
  }
  const plans = comparison.hidden.length > 0
    ? []
    : await planAndLookAgain(ports, pair, page, table, context, comparison, plan, options);
  for (const { id, rows } of comparison.hidden.length > 0 ? [] : toRead.values()) {
    if (plans.some(({ partitionId }) => partitionId === id)) continue;
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
    partitions: new Set([...page.here.keys(), ...page.there.keys()]).size,
    proven: proven.length,
    counted: comparison.partitions.filter(({ facts }) => facts.counted).length,
    compared,
    through: throughOf(comparison, page, moment),
    hidden: comparison.hidden,
    doubt: comparison.settledBy.doubt,
  };
}

/** What is proven is here as it was at the active site when the check began. */
function throughOf(
  { partitions, hidden }: TableComparison,
  { remembered }: PartitionPage,
  { settledBefore }: Moment,
): number | null {
  if (hidden.length > 0) return null;
  return partitions.reduce((least, { facts }) => {
    const last = remembered.get(facts.there.id)?.digestedAt ?? null;
    return Math.min(least, comparedThrough(facts, last));
  }, settledBefore);
}

/** Whether the last check left a difference that it could not repair: presuming the same once more would not help. */
function wasLeftDiffering(last: RememberedPartition | undefined): boolean {
  return last !== undefined && last.digestedAt === null && last.rowsHere !== last.rowsActive;
}

/**
 * Rows that come or go between the questions to the sites leave a difference that nothing accounts for: such partitions are
 * compared once more, from the beginning.
 */
async function planAndLookAgain(
  ports: Pick<CheckPorts, "here" | "there" | "observer">,
  pair: TablePair,
  page: PartitionPage,
  table: TableFacts,
  context: ExamineContext,
  comparison: TableComparison,
  reading: ReadingPlan,
  options: CompareOptions,
): Promise<PartitionPlan[]> {
  const plans = await planPartitions(ports, pair, page, table, context, comparison, reading);
  const open = new Set(
    plans.flatMap(({ partitionId, finding }) => finding?.cause === "unexplained" ? partitionId : []),
  );
  if (open.size === 0) return plans;
  const only = (all: Partitions) => new Map([...all].filter(([id]) => open.has(id)));
  const [here, there] = await Promise.all([
    ports.here.partitionsOf(pair.here),
    ports.there.partitionsOf(pair.there),
  ]);
  const now = { here: only(here), there: only(there), remembered: page.remembered };
  const again = await compareTable(ports, pair, now, {
    ...options,
    settledBy: comparison.settledBy,
    byCounts: new Set(),
    mayPresume: () => false,
  });
  if (again.hidden.length > 0) return plans;
  const digested = { chosen: new Map() };
  const second = await planPartitions(ports, pair, now, table, context, again, digested);
  const seen = new Set(second.map(({ partitionId }) => partitionId));
  return [...plans.filter(({ partitionId }) => !seen.has(partitionId)), ...second];
}

async function planPartitions(
  ports: Pick<CheckPorts, "here" | "there" | "observer">,
  pair: TablePair,
  page: PartitionPage,
  table: TableFacts,
  context: ExamineContext,
  comparison: TableComparison,
  { chosen }: Pick<ReadingPlan, "chosen">,
): Promise<PartitionPlan[]> {
  const last = { table: table.remembered, partitions: page.remembered };
  const partitions = await countLateAndGrouped(ports, pair, last, comparison.partitions);
  let fed: Awaited<ReturnType<typeof partitionsFedBy>> | null = null;
  let targets: readonly FedWay[] | null = null;
  /** Adds what the figures alone do not tell: in which columns twins differ, and whether views would be fed twice. */
  const complete = async (plan: PartitionPlan, compared: ComparedPartition): Promise<PartitionPlan> => {
    const ifAccepted = plan.ifAccepted && await complete(plan.ifAccepted, compared);
    const named = (found: Finding) => nameTwinColumns(ports, pair, compared, found);
    const finding = plan.finding && await named(plan.finding);
    const held = plan.held ? { held: await named(plan.held) } : {};
    const whole = { ...plan, finding, ...held, ifAccepted };
    if (finding === null || plan.repair?.repair.method !== "insert") return whole;
    targets ??= fedTargets(pair, await context.upstream(), context);
    fed ??= await partitionsFedBy(ports, pair.name, context, new Set(namesOf(targets)));
    const refused = finding.reason === "missing" ? refuseFedTwice(finding, fed) : null;
    if (refused) return { ...whole, finding: refused, repair: null, ifAccepted: null };
    const repair = { ...plan.repair.repair, feeds: targets };
    return { ...whole, finding: { ...finding, repair }, repair: { ...plan.repair, repair } };
  };
  const plans: PartitionPlan[] = [];
  for (const { exactly, ...one } of partitions) {
    const { facts } = one;
    const planOf = async (facts: PartitionFacts): Promise<PartitionPlan> => {
      const compared = { ...one, facts };
      const plan = await complete(planPartition(ports, pair, compared, context), compared);
      const { id } = facts.there;
      const reading = chosen.get(id) ?? "digest";
      const remembered = page.remembered.get(id) ?? null;
      ports.observer.judged({ table: pair.name, partitionId: id, reading, compared, remembered, plan });
      return plan;
    };
    const plan = await planOf(facts);
    const lookAgain = exactly && (async () => await planOf({ ...facts, ...await exactly() }));
    // If no repair will prove what is presumed, it is looked for now.
    if (lookAgain && plan.repair === null) plans.push(await lookAgain());
    else if (lookAgain) plans.push({ ...plan, repair: { repair: plan.repair!.repair, lookAgain } });
    else plans.push(plan);
  }
  const onlyHere = await planOnlyHere(ports, pair, page, table, context);
  for (const plan of onlyHere) {
    const { partitionId } = plan;
    const remembered = page.remembered.get(partitionId) ?? null;
    ports.observer.judged({
      table: pair.name,
      partitionId,
      reading: "only here",
      compared: null,
      remembered,
      plan,
    });
  }
  return [...plans, ...onlyHere];
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
