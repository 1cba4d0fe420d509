/** Tables that views fill are not compared, but what they lack altogether must come from somewhere. */
import type { TableReport } from "../model/report.ts";
import { REASONS } from "../model/reason.ts";
import { tableName } from "../model/table.ts";
import type { Discovery } from "./discover.ts";
import { type ExamineContext, examineTable } from "./examine_table.ts";
import { failedTable } from "./findings.ts";
import type { CheckPorts } from "./ports.ts";
import { repairTables } from "./repair_tables.ts";

/**
 * A partition of a derived table that is absent here although its sources agree has outlived its raw rows, which no
 * repair can bring back through the view: it is copied. While a source still differs it waits.
 */
export async function copyOutlived(
  ports: CheckPorts,
  { pairs, derived, sources }: Discovery,
  context: ExamineContext,
  reports: readonly TableReport[],
  dryRun: boolean,
): Promise<TableReport[]> {
  const byName = new Map(reports.map((report) => [report.table, report]));
  const absent = (pair: Discovery["pairs"][number]) =>
    [...context.partitionsThere.get(tableName(pair.active.id))?.values() ?? []]
      .some(({ id, rows }) => rows > 0n && !context.partitionsHere.get(pair.name)?.has(id));
  const lacking = pairs.filter((pair) => derived.has(pair.name) && absent(pair));
  if (lacking.length === 0 || ports.signal.aborted) return [...reports];
  // Repairs have filled some of them by now.
  const fresh = { ...context, partitionsHere: await ports.here.partitions() };
  for (const pair of lacking) {
    const differing = [...sources.get(pair.name) ?? []].filter((source) =>
      byName.get(source)?.findings.some(({ reason, repaired }) =>
        REASONS[reason].remedy !== "never" && !repaired
      )
    );
    const before = byName.get(pair.name)!;
    if (differing.length > 0) continue;
    try {
      const examined = await examineTable(ports, pair, fresh, true);
      const [done] = dryRun ? [examined] : await repairTables(ports, context.settings.role, [examined]);
      byName.set(pair.name, { ...before, ...done, findings: [...before.findings, ...done!.findings] });
    } catch (error) {
      byName.set(pair.name, failedTable(pair.name, error));
    }
  }
  return reports.map(({ table }) => byName.get(table)!);
}
