/** What earlier checks staged at this site: leftovers are dropped, but some rows are for an operator to settle. */
import type { TablePlan } from "../../model/plan.ts";
import { isLeftover, isMark, placedAt, type StagingTable } from "../../model/staging.ts";
import { holdPartitions } from "../plan/plan_policies.ts";
import { finding } from "../../model/report.ts";
import { tablePlan } from "../../model/plan.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

/**
 * Whatever an earlier run staged is dropped and recomputed, never attached later. Rows that were being fed to views are
 * dropped only if it is proven that none of them arrived, or all; otherwise an operator settles them.
 *
 * @returns the staging tables that an operator must settle
 */
export async function clearLeftoverStaging(
  { here, observer }: CheckPorts,
  { installation, dryRun }: { readonly installation: string; readonly dryRun: boolean },
): Promise<StagingTable[]> {
  const open: StagingTable[] = [];
  const staged = await here.stagingTables();
  // What marks a partition goes after the staging table that it is for, and is not worth a line.
  for (const found of staged.toSorted((a, b) => Number(isMark(a)) - Number(isMark(b)))) {
    if (dryRun || !isLeftover(found, installation)) {
      if (found.feed) open.push(found);
      continue;
    }
    const { outcome, staging } = await here.settleFeed(found);
    if (outcome === "open" || outcome === "running") {
      open.push(staging);
      continue;
    }
    await here.dropStaging(staging);
    if (isMark(staging)) continue;
    observer.warn(
      `Dropped staging table ${placedAt(found)}, which an earlier run left behind${
        found.feed ? `: ${SETTLED[outcome]}` : ""
      }`,
    );
  }
  return open;
}

const SETTLED = {
  nothing: "none of its rows had reached the table or a view",
  everything: "all of its rows had reached the table and its views",
} as const;

/** Holds back repairs of partitions whose last repair reached the table but perhaps not its views. */
export function holdOpenFeeds(
  plans: readonly TablePlan[],
  open: readonly StagingTable[],
  limited: boolean,
): TablePlan[] {
  const byTable = Map.groupBy(open, ({ feed }) => feed?.table ?? "");
  const views = (staging: StagingTable) =>
    finding(
      staging.feed?.table ?? "",
      staging.feed?.partition ?? null,
      "fed_in_part",
      settleViews(placedAt(staging), staging.feed?.since ?? "unknown"),
    );
  const held = plans.map((plan) => holdPartitions(plan, (byTable.get(plan.report.table) ?? []).map(views)));
  const planned = new Set(plans.map(({ report }) => report.table));
  // The table may have been dropped, renamed or excluded since: the rows must not be forgotten.
  const others = [...byTable].filter(([table]) => !planned.has(table))
    .map(([table, feeds]) => tablePlan(table, { findings: feeds.map(views) }));
  return limited ? held : [...held, ...others];
}

/** What an operator does about rows that may be in a table but not in all of its views. */
export function settleViews(staging: string, since: string): string {
  return `a repair of ${since} may not have reached the table and all of its views; its rows are kept in ` +
    `${staging}: make sure that the table and its views hold each of them once, then drop that table`;
}
