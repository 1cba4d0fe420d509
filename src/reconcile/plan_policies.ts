/** Policies: from what could be done to what shall be. Each takes plans and gives plans. */
import type { PartitionPlan, TablePlan } from "../model/plan.ts";
import type { Finding } from "../model/report.ts";
import { lacksSpace } from "./guard_space.ts";

/** Whether an operator accepted this partition by `--accept DB.TABLE[:PARTITION]`. */
function isAccepted(accepted: ReadonlySet<string>, table: string, partitionId: string): boolean {
  return accepted.has(table) || accepted.has(`${table}:${partitionId}`);
}

/** What a guard refuses is planned all the same where an operator looked at it and accepts it. */
export function acceptRefused(plan: TablePlan, accepted: ReadonlySet<string>): TablePlan {
  const { report: { table }, plans } = plan;
  const chosen = plans.map((one) =>
    one.ifAccepted && isAccepted(accepted, table, one.partitionId) ? one.ifAccepted : one
  );
  return { ...plan, plans: chosen };
}

/** Nothing is repaired of the partitions that these findings are of: they stand in place of what was planned. */
export function holdPartitions(plan: TablePlan, held: readonly Finding[]): TablePlan {
  if (held.length === 0) return plan;
  const ids = new Set(held.map(({ partitionId }) => partitionId));
  const findings = plan.report.findings.filter(({ partitionId }) => !ids.has(partitionId));
  return {
    report: { ...plan.report, findings: [...findings, ...held] },
    plans: plan.plans.filter(({ partitionId }) => !ids.has(partitionId)),
  };
}

/** Says which repairs would be refused for want of space. @param free bytes; null: it cannot be told */
export function foretellSpace(plan: TablePlan, free: number | null): TablePlan {
  const plans = plan.plans.map((one): PartitionPlan => {
    const tooLarge = one.repair && lacksSpace(one.repair.repair, free);
    return tooLarge && one.finding ? { ...one, finding: sayMore(one.finding, tooLarge) } : one;
  });
  return { ...plan, plans };
}

/** The finding with one more thing to know. */
export function sayMore(found: Finding, more: string): Finding {
  return { ...found, detail: `${found.detail}; ${more}` };
}
