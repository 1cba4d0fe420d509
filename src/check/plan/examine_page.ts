/** Examining a page of partitions of one table: what is proven is skipped, the rest is compared and judged. */
import { type TableDigest, tableDigest } from "../../model/digest.ts";
import type { RememberedPartition, RememberedPartitions } from "../../model/memory.ts";
import { type BothPartitions, heldByEither, type Partitions } from "../../model/partition.ts";
import type { PartitionPlan } from "../../model/plan.ts";
import { inBrief } from "../../model/repair.ts";
import { type Finding, finding } from "../../model/report.ts";
import type { Moment } from "../../model/scope.ts";
import type { TablePair } from "../../model/table.ts";
import type { JudgedPartition } from "../judge/judged_partition.ts";
import type { PartitionFacts } from "../judge/partition_facts.ts";
import { comparedThrough, leavesOutOlder } from "../judge/compared_through.ts";
import { NOT_COMPARED } from "../judge/account_for.ts";
import { describeProven } from "../judge/describe_proven.ts";
import type { ComparedPartition } from "../compare/compare_partitions.ts";
import { grownSince } from "../compare/answered.ts";
import { compareTable, type TableComparison } from "../compare/compare_table.ts";
import { planOnlyHere, planPartition } from "./plan_partition.ts";
import { planReading, type ReadingPlan } from "../memory/choose_reading.ts";
import type { ExamineContext, TableFacts } from "./examine_context.ts";
import { type Feeds, feedsOf, refuseFedTwice } from "../views/fed_targets.ts";
import { countLateAndGrouped, countOnlyHere } from "../compare/count_besides.ts";
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
  const mayPresume = (id: string) => presumes && !wasLeftDiffering(page.remembered.get(id));
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
    : await planAndLookAgain(ports, pair, read, table, context, compareAgain);
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

/** A page, and what was found of those of its partitions that were compared. */
interface ComparedPage extends PartitionPage {
  readonly compared: TableComparison["partitions"];
  /** How much of each was to be read; all of it where nothing is said. */
  readonly chosen: ReadingPlan["chosen"];
}

/**
 * Rows that come or go between the questions to the sites leave a difference that nothing accounts for: such partitions are
 * compared once more, from the beginning.
 */
async function planAndLookAgain(
  ports: Pick<CheckPorts, "here" | "there" | "observer">,
  pair: TablePair,
  page: ComparedPage,
  table: TableFacts,
  context: ExamineContext,
  compareAgain: (partitions: BothPartitions) => Promise<TableComparison>,
): Promise<PartitionPlan[]> {
  const plans = await planPartitions(ports, pair, page, table, context);
  const open = new Set(
    plans.flatMap(({ partitionId, finding }) => finding?.cause === "unexplained" ? partitionId : []),
  );
  if (open.size === 0) return plans;
  const only = (all: Partitions) => new Map([...all].filter(([id]) => open.has(id)));
  const { here, there } = await context.reader.now(pair);
  const now = { here: only(here), there: only(there), remembered: page.remembered };
  const again = await compareAgain(now);
  if (again.hidden.length > 0) return plans;
  const digested = { ...now, compared: grownSince(page.compared, again.partitions), chosen: new Map() };
  const second = await planPartitions(ports, pair, digested, table, context);
  const seen = new Set(second.map(({ partitionId }) => partitionId));
  return [...plans.filter(({ partitionId }) => !seen.has(partitionId)), ...second];
}

async function planPartitions(
  ports: Pick<CheckPorts, "here" | "there" | "observer">,
  pair: TablePair,
  page: ComparedPage,
  table: TableFacts,
  context: ExamineContext,
): Promise<PartitionPlan[]> {
  const last = { table: table.remembered, partitions: page.remembered, rehashed: table.rehashed };
  const partitions = await countLateAndGrouped(ports, pair, last, page.compared);
  let feeds: Feeds | null = null;
  /** Adds what the figures alone do not tell: statements, in which columns twins differ, and whether views would be fed twice. */
  const complete = async (plan: PartitionPlan, compared: ComparedPartition): Promise<PartitionPlan> => {
    const ifAccepted = plan.ifAccepted && await complete(plan.ifAccepted, compared);
    const named = (found: Finding) => nameTwinColumns(ports, pair, compared, found);
    const found = plan.finding && await named(plan.finding);
    const finding = found?.repair
      ? { ...found, sql: await ports.here.repairStatements(inBrief(found.repair)) }
      : found;
    const held = plan.held ? { held: await named(plan.held) } : {};
    const whole = { ...plan, finding, ...held, ifAccepted };
    if (finding === null || plan.repair?.repair.method !== "insert") return whole;
    feeds ??= await feedsOf(ports, pair.name, context);
    const refused = finding.reason === "missing" ? refuseFedTwice(finding, feeds) : null;
    if (refused) return { ...whole, finding: refused, repair: null, ifAccepted: null };
    const repair = { ...plan.repair.repair, feeds: feeds.targets };
    return { ...whole, finding: { ...finding, repair }, repair: { ...plan.repair, repair } };
  };
  const tell = (plan: PartitionPlan, how: Pick<JudgedPartition, "reading" | "compared">) => {
    const { partitionId } = plan;
    const remembered = page.remembered.get(partitionId) ?? null;
    ports.observer.judged({ table: pair.name, pair, partitionId, ...how, remembered, plan });
  };
  const plans: PartitionPlan[] = [];
  for (const { exactly, ...one } of partitions) {
    const { facts } = one;
    const planOf = async (facts: PartitionFacts): Promise<PartitionPlan> => {
      const compared = { ...one, facts };
      const plan = await complete(planPartition(pair, compared, context), compared);
      tell(plan, { reading: page.chosen.get(facts.there.id) ?? "digest", compared });
      return plan;
    };
    const plan = await planOf(facts);
    const lookAgain = exactly && (async () => await planOf({ ...facts, ...await exactly() }));
    // If no repair will prove what is presumed, it is looked for now.
    if (lookAgain && plan.repair === null) plans.push(await lookAgain());
    else if (lookAgain) plans.push({ ...plan, repair: { repair: plan.repair!.repair, lookAgain } });
    else plans.push(plan);
  }
  for (const one of await countOnlyHere(ports, pair, page, last, context)) {
    const plan = planOnlyHere(pair.name, one, context.moment.settledBefore);
    tell(plan, { reading: "only here", compared: null });
    plans.push(plan);
  }
  return plans;
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
