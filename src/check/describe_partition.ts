/** From what was compared of a partition to what the report says of it, and the repair that is planned. */
import type { RememberedPartition } from "../model/memory.ts";
import type { Finding } from "../model/report.ts";
import type { TablePair } from "../model/table.ts";
import { allSources } from "../reconcile/derived.ts";
import { judgePartition } from "../reconcile/judge_partition.ts";
import type { Judgement, PartitionFacts } from "../reconcile/partition_facts.ts";
import { planRepair } from "../reconcile/plan_repair.ts";
import { rememberPartition } from "../reconcile/remember.ts";
import type { ComparedPartition } from "./compare_partitions.ts";
import type { ExamineContext } from "./examine_table.ts";
import { finding } from "./findings.ts";
import type { CheckPorts } from "./ports.ts";

export interface DescribedPartition {
  readonly partitionId: string;
  /** Null: it is simply in sync. */
  readonly finding: Finding | null;
  readonly remembered: RememberedPartition;
}

/** Judges a partition; a refusal that an operator accepted is said, and passed over. */
export function describePartition(
  { here }: Pick<CheckPorts, "here">,
  pair: TablePair,
  { facts, bucketing }: ComparedPartition,
  context: ExamineContext,
): DescribedPartition {
  const { judgement, accepted } = judge(pair, facts, context);
  const { reason, detail, missing, surplus } = judgement;
  const partitionId = facts.active.id;
  const remembered = rememberPartition(facts, judgement);
  if (reason === null) return { partitionId, finding: null, remembered };
  const repairable = reason === "missing" || reason === "partial" || judgement.replace === true;
  const repair = repairable ? planRepair(pair, facts, { ...judgement, reason }, bucketing) : null;
  const found: Finding = {
    ...finding(pair.name, partitionId, reason, detail),
    rowsActive: facts.active.rows,
    rowsHere: facts.here?.rows ?? 0n,
    missing: missing.rows,
    surplus: surplus.rows,
    repair,
    sql: repair ? here.repairStatements(repair) : [],
    accepted,
  };
  return { partitionId, finding: refuseFedTwice(found, context), remembered };
}

function judge(
  { name, here: { engine, mergeRule, feeds } }: TablePair,
  facts: PartitionFacts,
  { settings: { maxConflictPercent, replaceAggregates }, accepted }: ExamineContext,
): { judgement: Judgement; accepted: boolean } {
  // Rows that are put in place of others would pass the views, and those others would stay in them.
  const mayReplace = replaceAggregates && feeds.length === 0;
  const policy = { engine, mergeRule, maxConflictPercent, mayReplace };
  const [refused, allowed] = [false, true].map((accepted) => judgePartition(facts, { ...policy, accepted }));
  const wanted = accepted.has(name) || accepted.has(`${name}:${facts.active.id}`);
  if (!wanted || allowed!.reason === refused!.reason) return { judgement: refused!, accepted: false };
  const detail = `${allowed!.detail}; ${refused!.reason}, which --accept allows`;
  return { judgement: { ...allowed!, detail }, accepted: true };
}

/**
 * A partition that is absent here, while what only its views could have put here is there, was dropped here: its rows
 * would pass the views a second time.
 */
function refuseFedTwice(
  found: Finding,
  { partitionsHere, sources, derived, compared }: ExamineContext,
): Finding {
  if (found.reason !== "missing" || found.repair?.way !== "insert") return found;
  const fed = [...derived].find((target) => {
    const upstream = [...allSources(target, sources)].filter((name) =>
      compared.has(name) && !derived.has(name)
    );
    const there = partitionsHere.get(target)?.get(found.partitionId ?? "")?.rows ?? 0n;
    return there > 0n && upstream.length === 1 && upstream[0] === found.table;
  });
  if (fed === undefined) return found;
  const detail =
    `${found.detail}, and the same partition of ${fed}, which views fill from it, is not: the rows were ` +
    `dropped here, and would be counted a second time. Drop that partition of ${fed} here too to have both made whole`;
  return { ...found, reason: "views", detail, repair: null, sql: [] };
}
