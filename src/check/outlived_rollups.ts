/** Tables that views fill are not compared, but what they lack altogether must come from somewhere. */
import type { TableReport } from "../model/report.ts";
import { tableName, type TablePair } from "../model/table.ts";
import { allSources } from "../reconcile/derived.ts";
import { isSettled } from "../reconcile/judge_check.ts";
import type { Discovery } from "./discover.ts";
import { type ExamineContext, examineTable } from "./examine_table.ts";
import { failedTable, finding } from "./findings.ts";
import type { CheckPorts } from "./ports.ts";
import { repairTables } from "./repair_tables.ts";

/**
 * A partition of a derived table that is absent here although its sources agree has outlived its raw rows, which no
 * repair can bring back through the view: it is copied. While one of the tables from
 * which it is filled, directly or through others, was not found whole, it waits: their rows may still pass the views.
 */
export async function copyOutlived(
  ports: CheckPorts,
  discovery: Discovery,
  context: ExamineContext,
  reports: readonly TableReport[],
  dryRun: boolean,
): Promise<TableReport[]> {
  const { pairs, derived, unprovable } = discovery;
  const byName = new Map(reports.map((report) => [report.table, report]));
  const lacks = (pair: TablePair, partitionsHere: ExamineContext["partitionsHere"]) =>
    [...context.partitionsThere.get(tableName(pair.active.id))?.values() ?? []].some((
      { id, rows, changedAt },
    ) => rows > 0n && changedAt < context.moment.settledBefore && !partitionsHere.get(pair.name)?.has(id));
  const candidates = pairs.filter((pair) =>
    derived.has(pair.name) && !unprovable.has(pair.name) && lacks(pair, context.partitionsHere)
  );
  if (candidates.length === 0 || ports.signal.aborted) return [...reports];
  // Repairs have filled some of them by now.
  const fresh = { ...context, partitionsHere: await ports.here.partitions() };
  for (const pair of candidates.filter((pair) => lacks(pair, fresh.partitionsHere))) {
    const awaited = unfinishedSources(pair.name, discovery, byName, fresh);
    const before = byName.get(pair.name)!;
    if (awaited.length > 0) {
      const detail = `has partitions on the active site that are absent here; they are copied once ${
        awaited.join(", ")
      }, from which views fill it, is whole and nothing of it can be on its way any more`;
      const found = finding(pair.name, null, "missing", detail);
      byName.set(pair.name, { ...before, findings: [...before.findings, found] });
      continue;
    }
    try {
      const examined = await examineTable(ports, pair, fresh, true);
      const [done] = dryRun
        ? [examined]
        : await repairTables(ports, context.settings.role, [examined], new Map());
      byName.set(pair.name, { ...before, ...done, findings: [...before.findings, ...done!.findings] });
    } catch (error) {
      byName.set(pair.name, failedTable(pair.name, error));
    }
  }
  return reports.map(({ table }) => byName.get(table)!);
}

/**
 * Compared tables from which rows may still come through views: those that were not found whole, and, where rows pass a
 * table in which they may stay for a while (Buffer, Distributed), those that changed within the settle window.
 */
function unfinishedSources(
  name: string,
  { sources, compared }: Discovery,
  reports: ReadonlyMap<string, TableReport>,
  { partitionsHere, moment }: ExamineContext,
): string[] {
  const upstream = [...allSources(name, sources)];
  const detour = upstream.some((source) => !compared.has(source));
  const resting = (source: string) =>
    [...partitionsHere.get(source)?.values() ?? []].every(({ changedAt }) =>
      changedAt < moment.settledBefore
    );
  return upstream.filter((source) =>
    compared.has(source) &&
    (!reports.get(source)?.findings.every(isSettled) || (detour && !resting(source)))
  ).sort();
}
