/** From what was compared of a partition to what the report says of it, and the repair that is planned. */
import type { Finding } from "../model/report.ts";
import type { TablePair } from "../model/table.ts";
import { judgePartition } from "../reconcile/judge_partition.ts";
import type { Judgement, PartitionFacts } from "../reconcile/partition_facts.ts";
import { oldestMissing } from "../reconcile/oldest_missing.ts";
import { planRepair } from "../reconcile/plan_repair.ts";
import { rememberPartition } from "../reconcile/remember.ts";
import type { ComparedPartition } from "./compare_partitions.ts";
import type { DescribedPartition, ExamineContext } from "./examine_context.ts";
import { finding } from "./findings.ts";
import type { CheckPorts } from "./ports.ts";

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
    oldestMissing: oldestMissing(facts, bucketing),
    repair,
    sql: repair ? here.repairStatements(repair) : [],
    accepted,
  };
  return { partitionId, finding: found, remembered };
}

function judge(
  { name, here: { engine, mergeRule, feeds } }: TablePair,
  facts: PartitionFacts,
  { settings: { maxConflictPercent, replaceAggregates }, accepted, roleAwaited }: ExamineContext,
): { judgement: Judgement; accepted: boolean } {
  // Rows that are put in place of others would pass the views, and those others would stay in them.
  const mayReplace = replaceAggregates && feeds.length === 0;
  const policy = { engine, mergeRule, maxConflictPercent, mayReplace, roleAwaited };
  const [refused, allowed] = [false, true].map((accepted) => judgePartition(facts, { ...policy, accepted }));
  const wanted = accepted.has(name) || accepted.has(`${name}:${facts.active.id}`);
  if (!wanted || allowed!.reason === refused!.reason) return { judgement: refused!, accepted: false };
  const detail = `${allowed!.detail}; ${refused!.reason}, which --accept allows`;
  return { judgement: { ...allowed!, detail }, accepted: true };
}
