/** One check, as one straight line. `--once`, the daemon and `--dry-run` all run it. */
import type { CheckReport, TableReport } from "../model/report.ts";
import type { Settings } from "../model/settings.ts";
import { otherSite } from "../model/site.ts";
import type { OpenFeed } from "../model/state.ts";
import { tableName } from "../model/table.ts";
import { REASONS } from "../model/reason.ts";
import { discover, type Discovery, UnknownTables } from "./discover.ts";
import { type ExamineContext, examineTable } from "./examine_table.ts";
import { errorText, finding, tableReport } from "./findings.ts";
import { findUnreachable, readFacts, resolveRole } from "./open_sites.ts";
import type { CheckPorts } from "./ports.ts";
import { repairTables } from "./repair_tables.ts";

export interface CheckOptions {
  readonly settings: Settings;
  readonly dryRun: boolean;
  /** The tables of `--table`; null: all. */
  readonly only: ReadonlySet<string> | null;
  /** Feeds of views that an earlier check did not see end. */
  readonly openFeeds: readonly OpenFeed[];
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
    const error = `the ${unreachable.join(" and the ")} ClickHouse does not answer`;
    return { ...report, active, outcome: "site_unreachable", error, unreachable };
  }
  try {
    const openFeeds = dryRun ? options.openFeeds : await clearStaging(ports, options.openFeeds);
    const { moment, hereFacts, thereFacts } = await readFacts(ports, settings.settleSeconds);
    const discovery = await discover(ports, { settings, only, dryRun });
    const zones = { here: hereFacts.timezone, active: thereFacts.timezone };
    const context = { settings, zones, moment, ...discovery };
    const planned = holdOpenFeeds(await examineTables(ports, discovery, context), openFeeds);
    const done = dryRun ? planned : await repairTables(ports, settings.role, planned);
    const tables = [...await settleDerived(ports, discovery, context, done, dryRun), ...discovery.newTables];
    const outcome = ports.signal.aborted ? "aborted" : "completed";
    return { ...report, active, outcome, tables, warnings: discovery.warnings };
  } catch (error) {
    if (error instanceof UnknownTables) throw error;
    return { ...report, active, outcome: "failed", error: errorText(error) };
  }
}

/**
 * Whatever an earlier run staged is dropped and recomputed, never attached later; except rows that may have reached
 * only some views: those an operator settles, and drops.
 *
 * @returns the feeds that are still open
 */
async function clearStaging(
  { here, journal, observer }: CheckPorts,
  openFeeds: readonly OpenFeed[],
): Promise<OpenFeed[]> {
  const found = await here.stagingTables();
  const open = new Set(openFeeds.map(({ staging }) => staging));
  for (const id of found.filter((id) => !open.has(tableName(id)))) {
    await here.dropStaging(id);
    observer.warn(`Dropped staging table ${tableName(id)}, which an earlier run left behind`);
  }
  const existing = new Set(found.map(tableName));
  for (const { staging } of openFeeds.filter((feed) => !existing.has(feed.staging))) {
    await journal.end(staging);
  }
  return openFeeds.filter(({ staging }) => existing.has(staging));
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
function holdOpenFeeds(reports: readonly TableReport[], openFeeds: readonly OpenFeed[]): TableReport[] {
  return reports.map((report) => {
    const feeds = openFeeds.filter(({ table }) => table === report.table);
    if (feeds.length === 0) return report;
    const held = new Set(feeds.map(({ partition }) => partition));
    const others = report.findings.filter(({ partitionId }) =>
      partitionId === null || !held.has(partitionId)
    );
    const views = feeds.map(({ partition, staging, since }) =>
      finding(
        report.table,
        partition,
        "views",
        `a repair of ${since} was not seen to reach the table and all of its views; its rows are kept in ${staging}: ` +
          "make sure that the table and its views hold each of them once, then drop that table",
      )
    );
    return { ...report, findings: [...others, ...views] };
  });
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
