/** Policies: from what could be done to what will be done. Each takes plans and returns plans. */
import { insteadOfAccepting, meaningOf } from "../../model/cause.ts";
import type { PartitionPlan, TablePlan } from "../../model/plan.ts";
import type { Finding } from "../../model/report.ts";
import { UsageProblem } from "../../model/usage_problem.ts";
import { expectedParts, type PartLoad, roomForParts, tooManyParts } from "../../model/part_load.ts";
import type { Repair } from "../../model/repair.ts";
import { lacksSpace } from "../repair/estimate_repair.ts";
import { counted } from "../../text/readable.ts";

/** Whether an operator accepted this partition by `--accept DB.TABLE[:PARTITION]`. */
function isAccepted(accepted: ReadonlySet<string>, table: string, partitionId: string): boolean {
  return accepted.has(table) || accepted.has(`${table}:${partitionId}`);
}

/** Plans what a guard refuses all the same if an operator looked at it and accepts it. */
export function acceptRefused(plan: TablePlan, accepted: ReadonlySet<string>): TablePlan {
  const { report: { table }, plans } = plan;
  const chosen = plans.map((one) =>
    one.ifAccepted && isAccepted(accepted, table, one.partitionId) ? one.ifAccepted : one
  );
  return { ...plan, plans: chosen };
}

/**
 * Fails if something was accepted that cannot be.
 *
 * @throws {UsageProblem} what to do instead; nothing was done yet
 */
export function assertAcceptable(plans: readonly TablePlan[], accepted: ReadonlySet<string>): void {
  const mistakes = [...accepted].flatMap((target) => {
    const concerned = plans.flatMap((plan) => concernedBy(plan, target));
    if (concerned.some(({ ifAccepted, repair }) => ifAccepted !== null || repair !== null)) return [];
    const refused = concerned.flatMap(({ finding }) => finding ?? []);
    if (refused.length === 0) {
      const noSuch = plans.some(({ report }) => report.table === target)
        ? ""
        : ", or there is no such partition";
      return [`--accept ${target}: nothing in it is refused${noSuch}`];
    }
    return [...new Map(refused.map((found) => [found.cause, found])).values()].map(
      ({ reason, cause, partitionId }) => {
        const where = partitionId === null ? "the table" : `partition ${partitionId}`;
        const instead = insteadOfAccepting(cause) ?? "nothing is missing that could be copied";
        return `--accept ${target} does not pass ${reason} (${where}: ${meaningOf(cause)}): ${instead}`;
      },
    );
  });
  if (mistakes.length > 0) throw new UsageProblem(...mistakes);
}

/** What was planned for the table or partition that `--accept` names; a finding about the whole table counts for every partition. */
function concernedBy({ report, plans }: TablePlan, target: string) {
  const wholeTable = target === report.table;
  if (!wholeTable && !target.startsWith(`${report.table}:`)) return [];
  const id = target.slice(report.table.length + 1);
  const ofIt = (partitionId: string | null) => wholeTable || partitionId === null || partitionId === id;
  const found = report.findings.filter(({ partitionId }) => ofIt(partitionId));
  return [
    ...found.map((finding) => ({ finding, repair: null, ifAccepted: null })),
    ...plans.filter(({ partitionId }) => ofIt(partitionId)),
  ];
}

/** Replaces the plans of the partitions that these findings are about, so that they are not repaired. */
export function holdPartitions(plan: TablePlan, held: readonly Finding[]): TablePlan {
  if (held.length === 0) return plan;
  const ids = new Set(held.map(({ partitionId }) => partitionId));
  const findings = plan.report.findings.filter(({ partitionId }) => !ids.has(partitionId));
  return {
    report: { ...plan.report, findings: [...findings, ...held] },
    plans: plan.plans.filter(({ partitionId }) => !ids.has(partitionId)),
  };
}

/** Says which repairs would be refused for lack of space. @param free bytes; null: it cannot be told */
export function foretellSpace(plan: TablePlan, free: number | null): TablePlan {
  const plans = plan.plans.map((one): PartitionPlan => {
    const tooLarge = one.repair && lacksSpace(one.repair.repair, free);
    return tooLarge && one.finding ? { ...one, finding: sayMore(one.finding, tooLarge) } : one;
  });
  return { ...plan, plans };
}

/** Says which copies are merged before they are brought in, and which wait, as the table bears no more parts. */
export function foretellParts(plan: TablePlan, load: PartLoad): TablePlan {
  const plans = plan.plans.map((one): PartitionPlan => {
    const more = one.repair && partsForetold(one.repair.repair, load);
    return more && one.finding ? { ...one, finding: sayMore(one.finding, more) } : one;
  });
  return { ...plan, plans };
}

function partsForetold(
  { pair, partitionId, missing, partial, method }: Repair,
  load: PartLoad,
): string | null {
  const room = roomForParts(load, partitionId, method === "replace");
  if (room === 0) return tooManyParts(pair.name, partitionId, load);
  const parts = expectedParts(missing.rows, partial.length);
  if (parts <= room) return null;
  return `the copy will have about ${
    counted(parts, "part")
  }, and ${pair.name} bears ${room} more in this partition` +
    (method === "attach" && pair.here.mergeRule.kind === "keep" ? ": they are merged into one first" : "");
}

/** The finding with one more thing to know. */
export function sayMore(found: Finding, more: string): Finding {
  return { ...found, detail: `${found.detail}; ${more}` };
}
