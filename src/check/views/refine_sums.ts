/** What differs where an engine adds rows up: keys that have less here, more, or something else. */
import type { KeyedDifference } from "../../model/derived_view.ts";
import type { PartitionPlan, TablePlan } from "../../model/plan.ts";
import { type Finding, finding } from "../../model/report.ts";
import type { RowScope } from "../../model/scope.ts";
import type { TablePair } from "../../model/table.ts";
import type { ExamineContext } from "../plan/examine_context.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import { saidAxis } from "../tables/number_axis.ts";
import { holdsLess, lessOf, untoldOf } from "./keyed_words.ts";
import type { Refined, Restless } from "./judge_derived.ts";
import { counted } from "../../text/readable.ts";

/** Looks into every partition of which the sums differ. */
export async function refineSums(
  { here }: Pick<CheckPorts, "here">,
  pair: TablePair,
  { moment, restless: later = moment, settings: { settleSeconds, timeColumns } }: ExamineContext,
  { report, plans }: TablePlan,
  restless: Restless,
): Promise<Refined> {
  const axis = saidAxis(pair.here, timeColumns);
  const refined: PartitionPlan[] = [];
  const untold = new Set<string>();
  const waiting: PartitionPlan[] = [];
  for (const plan of plans) {
    if (plan.finding?.cause !== "added_up") {
      refined.push(plan);
      continue;
    }
    const { partitionId } = plan;
    const quiet = !restless(partitionId);
    if (!quiet && axis === null) {
      waiting.push(plan);
      continue;
    }
    const scope: RowScope = {
      axis,
      moment: quiet ? moment : later,
      quiet,
      settleSeconds,
      ttls: pair.deletes,
    };
    const keyed = await here.keyedDifference({
      pair,
      by: "engine",
      partitionId,
      scope,
      bucketCount: 1,
      buckets: "all",
    });
    for (const text of untoldOf(keyed)) untold.add(text);
    if (holdsLess(keyed)) refined.push({ ...plan, finding: sayLess(plan.finding, keyed) });
    else if (keyed.more > 0n) refined.push(onlyMore(plan, keyed));
  }
  return { plan: { report, plans: refined }, untold: [...untold], waiting };
}

function sayLess(found: Finding, keyed: KeyedDifference): Finding {
  const safe = keyed.more + keyed.other === 0n
    ? ". No key holds more here: drop the partition here, and it is copied whole"
    : "";
  return { ...found, detail: `${found.detail}; ${lessOf(keyed)}, although its sources are whole${safe}` };
}

function onlyMore(plan: PartitionPlan, { more }: KeyedDifference): PartitionPlan {
  const { table, rowsActive, rowsHere } = plan.finding!;
  const detail = `${
    counted(more, "key holds", "keys hold")
  } more here than at the active site; nothing is missing`;
  const found = {
    ...finding(table, plan.partitionId, "surplus", detail),
    rowsActive,
    rowsHere,
    surplus: more,
  };
  return { ...plan, finding: found, repair: null, ifAccepted: null };
}
