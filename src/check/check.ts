/** One check, as one straight line. `--once`, the daemon and `--dry-run` all run it. */
import type { CheckReport, TableReport } from "../model/report.ts";
import type { Settings } from "../model/settings.ts";
import { otherSite } from "../model/site.ts";
import { isLeftover } from "../reconcile/leftovers.ts";
import type { StagingTable } from "../model/staging.ts";
import { tableName } from "../model/table.ts";
import { REASONS } from "../model/reason.ts";
import { discover, type Discovery, UnknownTables } from "./discover.ts";
import { type ExamineContext, examineTable } from "./examine_table.ts";
import { errorText, finding, settleViews, tableReport } from "./findings.ts";
import { findUnreachable, readFacts, resolveRole } from "./open_sites.ts";
import type { CheckPorts } from "./ports.ts";
import { repairTables } from "./repair_tables.ts";

export interface CheckOptions {
  readonly settings: Settings;
  readonly dryRun: boolean;
  /** The tables of `--table`; null: all. */
  readonly only: ReadonlySet<string> | null;
  /** Tells what this installation staged from what others did. */
  readonly installation: string;
  /** When the check begins. */
  readonly now: Date;
}

/**
 * Resolves the role, discovers, compares, plans, guards and repairs. What goes wrong at a site or a table is in the
 * report.
 *
 * @throws {UnknownTables} where `only` names a table that neither site has
 */
export async function runCheck(ports: CheckPorts, options: CheckOptions): Promise<CheckReport> {
  const { settings, dryRun, only, now } = options;
  const report: CheckReport = {
    startedAt: now.toISOString(),
    role: settings.role,
    active: "unknown",
    outcome: "completed",
    error: null,
    dryRun,
    limited: only !== null,
    unreachable: [],
    tables: [],
    warnings: [],
  };
  const active = await resolveRole(ports);
  ports.observer.roleKnown(active, settings.role);
  if (active === "unknown") {
    return { ...report, outcome: "role_unknown", error: "the active site is unknown" };
  }

  const unreachable = await findUnreachable(ports, settings);
  if (active !== otherSite(settings.role)) return { ...report, active, outcome: "standby", unreachable };
  if (unreachable.length > 0) {
    const error = `no answer from the ${unreachable.join(" and the ")} ClickHouse`;
    return { ...report, active, outcome: "site_unreachable", error, unreachable };
  }
  try {
    const [open, { moment, hereFacts, thereFacts }] = await Promise.all([
      clearStaging(ports, options),
      readFacts(ports, settings.settleSeconds),
    ]);
    const discovery = await discover(ports, { settings, only, dryRun });
    const zones = { here: hereFacts.timezone, active: thereFacts.timezone };
    const context = { settings, zones, moment, ...discovery };
    const planned = holdOpenFeeds(await examineTables(ports, discovery, context), open, only !== null);
    const done = dryRun ? planned : await repairTables(ports, settings.role, planned);
    const tables = [...await settleDerived(ports, discovery, context, done, dryRun), ...discovery.newTables];
    const outcome = ports.signal.aborted ? "aborted" : "completed";
    return { ...report, active, outcome, tables, warnings: discovery.warnings };
  } catch (error) {
    if (error instanceof UnknownTables) throw error;
    if (ports.signal.aborted) return { ...report, active, outcome: "aborted" };
    return { ...report, active, outcome: "failed", error: errorText(error) };
  }
}

/**
 * Whatever an earlier run staged is dropped and recomputed, never attached later; except rows that may have reached
 * only some views: those an operator settles, and drops.
 *
 * @returns the staging tables that an operator must settle
 */
async function clearStaging(
  { here, observer }: CheckPorts,
  { installation, dryRun }: CheckOptions,
): Promise<StagingTable[]> {
  const found = await here.stagingTables();
  for (const staging of dryRun ? [] : found.filter((staging) => isLeftover(staging, installation))) {
    await here.dropStaging(staging);
    observer.warn(`Dropped staging table ${tableName(staging.id)}, which an earlier run left behind`);
  }
  return found.filter(({ feed }) => feed !== null);
}

async function examineTables(
  ports: CheckPorts,
  { pairs, derived }: Discovery,
  context: ExamineContext,
): Promise<TableReport[]> {
  const reports: TableReport[] = [];
  for (const pair of pairs) {
    if (ports.signal.aborted) break;
    ports.observer.checkingTable(pair.name);
    if (derived.has(pair.name)) {
      reports.push(tableReport(pair.name, {
        findings: [finding(pair.name, null, "derived", "filled by a view from a table that is compared")],
      }));
      continue;
    }
    try {
      reports.push(await examineTable(ports, pair, context, false));
    } catch (error) {
      reports.push(failedTable(pair.name, error));
    }
  }
  return reports;
}

/** No repair of a partition whose last one reached the table and perhaps not its views. */
function holdOpenFeeds(
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

/**
 * A partition of a derived table that is absent here although its sources agree has outlived its raw rows, which no
 * repair can bring back through the view: it is copied. While a source still differs it waits.
 */
async function settleDerived(
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

function failedTable(name: string, error: unknown): TableReport {
  return tableReport(name, { findings: [finding(name, null, "failed", errorText(error))] });
}
