/** What earlier checks staged at this site: leftovers that go, and rows that an operator must settle. */
import type { TableReport } from "../model/report.ts";
import type { StagingTable } from "../model/staging.ts";
import { tableName } from "../model/table.ts";
import { isLeftover } from "../reconcile/leftovers.ts";
import { finding, settleViews, tableReport } from "./findings.ts";
import type { CheckPorts } from "./ports.ts";

/**
 * Whatever an earlier run staged is dropped and recomputed, never attached later. Rows that were being fed to views are
 * dropped only where it is proven that none of them arrived, or all; else an operator settles them.
 *
 * @returns the staging tables that an operator must settle
 */
export async function clearStaging(
  { here, observer }: CheckPorts,
  { installation, dryRun }: { readonly installation: string; readonly dryRun: boolean },
): Promise<StagingTable[]> {
  const open: StagingTable[] = [];
  for (const found of await here.stagingTables()) {
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
    observer.warn(
      `Dropped staging table ${tableName(found.id)}, which an earlier run left behind${
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

/** No repair of a partition whose last one reached the table and perhaps not its views. */
export function holdOpenFeeds(
  reports: readonly TableReport[],
  open: readonly StagingTable[],
  limited: boolean,
): TableReport[] {
  const byTable = Map.groupBy(open, ({ feed }) => feed?.table ?? "");
  const views = ({ id, feed }: StagingTable) =>
    finding(
      feed?.table ?? "",
      feed?.partition ?? null,
      "views",
      settleViews(tableName(id), feed?.since ?? "unknown"),
    );
  const held = reports.map((report) => {
    const feeds = byTable.get(report.table) ?? [];
    byTable.delete(report.table);
    const partitions = new Set(feeds.map(({ feed }) => feed?.partition ?? null));
    const others = report.findings.filter(({ partitionId }) => !partitions.has(partitionId));
    return feeds.length === 0 ? report : { ...report, findings: [...others, ...feeds.map(views)] };
  });
  // The table may have been dropped, renamed or excluded since: the rows are still owed to somebody.
  const others = [...byTable].map(([table, feeds]) => tableReport(table, { findings: feeds.map(views) }));
  return limited ? held : [...held, ...others];
}
