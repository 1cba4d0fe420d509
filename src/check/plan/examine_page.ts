/** Examining a page of the partitions of one table: what is proven is passed over, the rest is compared and judged. */
import { addDigests, type Digest, EMPTY_DIGEST } from "../../model/digest.ts";
import type { FedTarget } from "../../model/derived_view.ts";
import type { RememberedPartition } from "../../model/memory.ts";
import type { Partition } from "../../model/partition.ts";
import type { PartitionPlan } from "../../model/plan.ts";
import { type Finding, finding } from "../../model/report.ts";
import type { TablePair } from "../../model/table.ts";
import { chooseComparison } from "../memory/choose_comparison.ts";
import type { PartitionFacts } from "../judge/partition_facts.ts";
import { describeProven } from "../judge/describe_proven.ts";
import type { ComparedPartition } from "../compare/compare_partitions.ts";
import { compareTable, type TableComparison } from "../compare/compare_table.ts";
import { describeOnlyHere } from "../judge/describe_only_here.ts";
import { describePartition } from "../judge/describe_partition.ts";
import type { ExamineContext, KnownTable } from "./examine_context.ts";
import { fedTargets, namesOf } from "../views/fed_targets.ts";
import { partitionsFedBy, refuseFedTwice } from "../views/fed_twice.ts";
import { groupedPartitions } from "../compare/grouped_partitions.ts";
import { nameTwinColumns } from "../judge/name_twin_columns.ts";
import type { PartitionPage } from "../compare/partition_reader.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import { countLateArrivals } from "../memory/count_late_arrivals.ts";

export interface ExaminedPage {
  /** What is known of partitions that were not compared. */
  readonly findings: readonly Finding[];
  readonly plans: readonly PartitionPlan[];
  readonly remembered: ReadonlyMap<string, RememberedPartition>;
  /** Partitions that were looked at, and how many of them were proven before, or only counted. */
  readonly partitions: number;
  readonly proven: number;
  readonly counted: number;
  /** The settled rows of the active site. */
  readonly compared: Digest;
  readonly hidden: TableComparison["hidden"];
}

export async function examinePage(
  ports: Pick<CheckPorts, "here" | "there">,
  pair: TablePair,
  page: PartitionPage,
  known: KnownTable,
  context: ExamineContext,
): Promise<ExaminedPage> {
  const { moment, restless, presumes, settings: { settleSeconds } } = context;
  const { proven, byCounts, toRead } = planReading(pair, page, known, context);
  const partitions = { here: page.here, there: toRead };
  const mayPresume = (id: string) => presumes && !wasLeftDiffering(page.before.get(id));
  const options = { moment, restless, settleSeconds, byCounts, mayPresume };
  const comparison = await compareTable(ports, pair, partitions, options);
  const remembered = new Map(proven.map(({ partition: { id }, before }) => [id, before]));
  const findings = [...page.there.keys()].flatMap((id) => known.unstable.get(id) ?? []);
  let compared = comparison.compared;
  for (const { partition, before } of proven) {
    const said = describeProven(pair.here, before);
    const { rows } = partition;
    if (said) {
      findings.push({
        ...finding(pair.name, partition.id, said.reason, said.detail),
        rowsActive: rows,
        rowsHere: page.here.get(partition.id)?.rows ?? 0n,
        surplus: said.surplus,
      });
    }
    const { city, xxh } = before.proof ?? EMPTY_DIGEST;
    compared = addDigests(compared, { rows: before.rowsActive, city, xxh });
  }
  const plans = comparison.hidden.length > 0
    ? []
    : await planPartitions(ports, pair, page, known, context, comparison);
  for (const { partitionId, remember } of plans) if (remember) remembered.set(partitionId, remember);
  return {
    findings,
    plans: plans.filter(({ finding }) => finding !== null),
    remembered,
    partitions: new Set([...page.here.keys(), ...page.there.keys()]).size,
    proven: proven.length,
    counted: comparison.partitions.filter(({ facts }) => facts.counted).length,
    compared,
    hidden: comparison.hidden,
  };
}

/** The last check found a difference that it could not mend: to presume once more what is missing would be in vain. */
function wasLeftDiffering(before: RememberedPartition | undefined): boolean {
  return before !== undefined && before.digestedAt === null && before.rowsHere !== before.rowsActive;
}

async function planPartitions(
  ports: Pick<CheckPorts, "here" | "there">,
  pair: TablePair,
  page: PartitionPage,
  known: KnownTable,
  context: ExamineContext,
  comparison: TableComparison,
): Promise<PartitionPlan[]> {
  const recollections = await countLateArrivals(ports, pair, known.table, page.before, comparison.partitions);
  const grouped = await groupedPartitions(ports, pair, comparison.partitions);
  let fed: Awaited<ReturnType<typeof partitionsFedBy>> | null = null;
  let targets: readonly FedTarget[] | null = null;
  /** What the figures alone do not tell: what twins differ in, and whether views would be fed twice. */
  const complete = async (plan: PartitionPlan, compared: ComparedPartition): Promise<PartitionPlan> => {
    const ifAccepted = plan.ifAccepted && await complete(plan.ifAccepted, compared);
    const finding = plan.finding && await nameTwinColumns(ports, pair, compared, plan.finding);
    if (finding === null || plan.repair?.repair.method !== "insert") return { ...plan, finding, ifAccepted };
    targets ??= fedTargets(pair, await context.upstream(), context);
    fed ??= await partitionsFedBy(ports, pair.name, context, new Set(namesOf(targets)));
    const refused = finding.reason === "missing" ? refuseFedTwice(finding, fed) : null;
    if (refused) return { ...plan, finding: refused, repair: null, ifAccepted: null };
    const repair = { ...plan.repair.repair, feeds: targets };
    return { ...plan, finding: { ...finding, repair }, repair: { ...plan.repair, repair }, ifAccepted };
  };
  const plans: PartitionPlan[] = [];
  for (const { facts, bucketing, exactly } of comparison.partitions) {
    const remembered = recollections.get(facts.there.id);
    const more = {
      mutatedAt: pair.here.mutatedAt,
      grouped: grouped.has(facts.there.id),
      ...(remembered ? { remembered } : {}),
    };
    const planOf = async (facts: PartitionFacts): Promise<PartitionPlan> => {
      const compared = { facts: { ...facts, ...more }, bucketing };
      return await complete(describePartition(ports, pair, compared, context), compared);
    };
    const plan = await planOf(facts);
    const lookAgain = exactly && (async () => await planOf({ ...facts, ...await exactly() }));
    // Where no repair will prove what is presumed, it is looked for now.
    if (lookAgain && plan.repair === null) plans.push(await lookAgain());
    else if (lookAgain) plans.push({ ...plan, repair: { repair: plan.repair!.repair, lookAgain } });
    else plans.push(plan);
  }
  return [...plans, ...await describeOnlyHere(ports, pair, page, known, context)];
}

interface ReadingPlan {
  readonly proven: readonly { readonly partition: Partition; readonly before: RememberedPartition }[];
  readonly byCounts: ReadonlySet<string>;
  readonly toRead: ReadonlyMap<string, Partition>;
}

/** How much of each partition is read. */
function planReading(
  pair: TablePair,
  page: PartitionPage,
  { provable, unstable }: KnownTable,
  { moment, deep, settings, budget }: ExamineContext,
): ReadingPlan {
  const policy = {
    now: moment.now,
    deep,
    verifyInterval: settings.verifyIntervalSeconds,
    mutatedAt: Math.max(pair.here.mutatedAt, pair.there.mutatedAt),
    mergesRows: pair.here.mergeRule.kind !== "keep",
  };
  const proven: { partition: Partition; before: RememberedPartition }[] = [];
  const byCounts = new Set<string>();
  const toRead = new Map<string, Partition>();
  for (const [id, partition] of page.there) {
    if (unstable.has(id) || partition.rows === 0n) continue;
    const before = provable ? page.before.get(id) ?? null : null;
    const comparison = chooseComparison(before, page.here.get(id) ?? null, partition, policy);
    if (before && (comparison === "proven" || (comparison === "due" && !budget.take(partition.bytes)))) {
      proven.push({ partition, before });
      continue;
    }
    if (comparison === "counts" || (comparison === "merged" && !budget.take(partition.bytes))) {
      byCounts.add(id);
    }
    toRead.set(id, partition);
  }
  return { proven, byCounts, toRead };
}
