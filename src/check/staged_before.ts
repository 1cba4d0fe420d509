/** What earlier checks staged at this site: leftovers that go, and rows that an operator must settle. */
import type { TableReport } from "../model/report.ts";
import type { StagingTable } from "../model/staging.ts";
import { tableName } from "../model/table.ts";
import { isLeftover } from "../reconcile/leftovers.ts";
import { finding, settleViews, tableReport } from "./findings.ts";
import type { CheckPorts } from "./ports.ts";

/**
 * Whatever an earlier run staged is dropped and recomputed, never attached later; except rows that may have reached
 * only some views: those an operator settles, and drops.
 *
 * @returns the staging tables that an operator must settle
 */
export async function clearStaging(
  { here, observer }: CheckPorts,
  { installation, dryRun }: { readonly installation: string; readonly dryRun: boolean },
): Promise<StagingTable[]> {
  const found = await here.stagingTables();
  for (const staging of dryRun ? [] : found.filter((staging) => isLeftover(staging, installation))) {
    await here.dropStaging(staging);
    observer.warn(`Dropped staging table ${tableName(staging.id)}, which an earlier run left behind`);
  }
  return found.filter(({ feed }) => feed !== null);
}

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
