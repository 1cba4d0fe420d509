/** From what was found of the partitions of a page to what is planned for each. */
import type { BothPartitions, Partitions } from "../../model/partition.ts";
import type { PartitionPlan } from "../../model/plan.ts";
import { inBrief } from "../../model/repair.ts";
import type { Finding } from "../../model/report.ts";
import type { TablePair } from "../../model/table.ts";
import type { JudgedPartition } from "../judge/judged_partition.ts";
import type { PartitionFacts } from "../judge/partition_facts.ts";
import { nameTwinColumns } from "../judge/name_twin_columns.ts";
import type { ComparedPartition } from "../compare/compare_partitions.ts";
import { grownSince } from "../compare/answered.ts";
import type { TableComparison } from "../compare/compare_table.ts";
import { countLateAndGrouped, countOnlyHere } from "../compare/count_besides.ts";
import { compareLeftOut } from "../compare/left_out.ts";
import type { PartitionPage } from "../compare/partition_reader.ts";
import { twinsBeside } from "../compare/twins_beside.ts";
import type { ReadingPlan } from "../memory/choose_reading.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import { type Feeds, feedsOf, refuseFedTwice } from "../views/fed_targets.ts";
import type { ExamineContext, TableFacts } from "./examine_context.ts";
import { planOnlyHere, planPartition } from "./plan_partition.ts";

/** A page, and what was found of those of its partitions that were compared. */
export interface ComparedPage extends PartitionPage {
  readonly compared: TableComparison["partitions"];
  /** How much of each was to be read; all of it where nothing is said. */
  readonly chosen: ReadingPlan["chosen"];
}

/**
 * Rows that come or go between the questions to the sites leave a difference that nothing accounts for: such partitions are
 * compared once more, from the beginning.
 */
export async function planPage(
  ports: Pick<CheckPorts, "here" | "there" | "observer">,
  pair: TablePair,
  page: ComparedPage,
  table: TableFacts,
  context: ExamineContext,
  compareAgain: (partitions: BothPartitions) => Promise<TableComparison>,
): Promise<PartitionPlan[]> {
  const besides = twinsBeside(pair.here, page);
  const plans = await planPartitions(ports, pair, page, besides, table, context);
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
  const second = await planPartitions(ports, pair, digested, besides, table, context);
  const seen = new Set(second.map(({ partitionId }) => partitionId));
  return [...plans.filter(({ partitionId }) => !seen.has(partitionId)), ...second];
}

/** @param besides adds what other partitions tell about one */
async function planPartitions(
  ports: Pick<CheckPorts, "here" | "there" | "observer">,
  pair: TablePair,
  page: ComparedPage,
  besides: (facts: PartitionFacts) => PartitionFacts,
  table: TableFacts,
  context: ExamineContext,
): Promise<PartitionPlan[]> {
  const last = { table: table.remembered, partitions: page.remembered, rehashed: table.rehashed };
  const known = await compareLeftOut(ports, pair, page.compared);
  const partitions = await countLateAndGrouped(ports, pair, last, known);
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
      const compared = { ...one, facts: besides(facts) };
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
