/** From the facts of a partition to its plan. */
import { reasonOf } from "../../model/cause.ts";
import { sameDigest } from "../../model/digest.ts";
import type { PartitionPlan } from "../../model/plan.ts";
import type { TablePair } from "../../model/table.ts";
import { accountFor } from "../judge/account_for.ts";
import { heldSpans, missingSpans } from "../judge/missing_spans.ts";
import { judgePartition } from "../judge/judge_partition.ts";
import { type Held, type Judgement, oldestMissing } from "../judge/partition_facts.ts";
import { planRepair } from "./plan_repair.ts";
import { rememberPartition } from "../memory/remember.ts";
import type { ComparedPartition } from "../compare/compare_partitions.ts";
import type { ExamineContext } from "./examine_context.ts";
import { type Finding, finding } from "../../model/report.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

/** Judges a partition twice: as its guards say, and as if an operator had accepted what they refuse. */
export function planPartition(
  { here }: Pick<CheckPorts, "here">,
  pair: TablePair,
  compared: ComparedPartition,
  { settings: { maxConflictPercent, replaceAggregates }, roleAwaited, fedThere }: ExamineContext,
): PartitionPlan {
  const { facts, bucketing } = compared;
  const { engine, mergeRule, traits, feeds } = pair.here;
  // The replacing rows would pass through the views, and what the views made of the replaced ones would stay.
  const mayReplace = replaceAggregates && feeds.length === 0;
  const fed = fedThere.has(pair.name);
  const policy = { engine, mergeRule, traits, maxConflictPercent, mayReplace, roleAwaited, fedThere: fed };
  const plan = (judgement: Judgement, accepted: boolean, ifAccepted: PartitionPlan | null): PartitionPlan => {
    const { cause, detail, missing, surplus, held } = judgement;
    const partitionId = facts.there.id;
    const remember = rememberPartition(facts, judgement);
    if (cause === null) return { partitionId, finding: null, repair: null, ifAccepted, remember };
    const repairable = cause === "missing" || cause === "partial" || judgement.replace === true;
    const repair = repairable ? planRepair(pair, facts, { ...judgement, cause }, bucketing) : null;
    const found = {
      ...finding(pair.name, partitionId, cause, detail),
      rowsActive: facts.there.rows,
      rowsHere: facts.here?.rows ?? 0n,
      missing: missing.rows,
      surplus: surplus.rows,
      oldestMissing: oldestMissing(facts, bucketing),
      spans: missingSpans(facts, bucketing, judgement),
      repair,
      sql: repair ? here.repairStatements(repair) : [],
      accepted,
    };
    return {
      partitionId,
      finding: found,
      ...(held
        ? { held: leftAlone({ ...found, spans: heldSpans(facts, bucketing, held.count) }, held) }
        : {}),
      repair: repair && { repair, lookAgain: null },
      ifAccepted,
      remember,
    };
  };
  const judge = (accepted: boolean) =>
    accountFor(compared, judgePartition(facts, { ...policy, accepted }), pair.here);
  const [guarded, allowed] = [judge(false), judge(true)];
  const same = allowed.cause === guarded.cause && sameDigest(allowed.missing, guarded.missing);
  if (same || guarded.cause === null) return plan(guarded, false, null);
  const refused = reasonOf(guarded.held?.cause ?? guarded.cause);
  const detail = `${allowed.detail}; ${refused}, which --accept allows`;
  return plan(guarded, false, plan({ ...allowed, detail }, true, null));
}

/** A finding of its own: what it is about stays as it is, and is not clean. */
function leftAlone(found: Finding, { cause, detail, count }: Held): Finding {
  const nothing = { repair: null, sql: [], surplus: 0n };
  return { ...found, ...nothing, reason: reasonOf(cause), cause, detail, missing: count };
}
