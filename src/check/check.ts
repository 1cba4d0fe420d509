/** One check, as one straight line. `--once`, the daemon and `--dry-run` all run it. */
import type { CheckReport, TableReport } from "../model/report.ts";
import type { Settings } from "../model/settings.ts";
import { otherSite } from "../model/site.ts";
import type { TablePair } from "../model/table.ts";
import { VerifyBudget } from "../reconcile/choose_comparison.ts";
import { awaitSteadyRole, type SteadyRole } from "../reconcile/steady_role.ts";
import { withExpiry } from "../reconcile/column_expiry.ts";
import { agreeOnHashes, type HashAgreements } from "./agree_on_hashes.ts";
import { discover, UnknownTables } from "./discover.ts";
import type { Discovery } from "./discovery.ts";
import type { ExamineContext, Presumptions } from "./examine_context.ts";
import { examineTable } from "./examine_table.ts";
import { errorText, failedTable, finding, tableReport } from "./findings.ts";
import { findUnreachable, type OpenSites, readFacts, resolveRole } from "./open_sites.ts";
import { copyOutlived } from "./outlived_rollups.ts";
import { roomForMore, workersFor } from "./pace.ts";
import { PartitionReader } from "./partition_reader.ts";
import type { CheckPorts } from "./ports.ts";
import { foretellSpace, repairTables } from "./repair_tables.ts";
import { unsteadyFunctions } from "./unstable_partitions.ts";
import { sideBySide } from "./side_by_side.ts";
import { dropOutdated } from "./kept_before.ts";
import { clearStaging, holdOpenFeeds } from "./staged_before.ts";

export interface CheckOptions {
  readonly settings: Settings;
  readonly dryRun: boolean;
  /** The tables of `--table`; null: all. */
  readonly only: ReadonlySet<string> | null;
  /** `database.table` or `database.table:partition` of `--accept`. */
  readonly accepted: ReadonlySet<string>;
  /** Tells what this installation staged from what others did. */
  readonly installation: string;
  /** What earlier checks of the process learned about the servers' hashes; this one adds to it. */
  readonly agreements: HashAgreements;
  /** Every changed partition is digested, as the check could turn FAILBACK READY on. */
  readonly deep: boolean;
  /** What earlier checks found of the roles: replacing rows needs more than this check's word. */
  readonly steady: SteadyRole;
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
  const { settings, dryRun, only, accepted, deep, now } = options;
  const report: CheckReport = {
    startedAt: now.toISOString(),
    role: settings.role,
    active: "unknown",
    outcome: "completed",
    error: null,
    dryRun,
    limited: only !== null,
    unreachable: [],
    servers: { local: null, remote: null },
    settledBefore: null,
    tables: [],
    leftOut: [],
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
    const [open, facts] = await Promise.all([
      clearStaging(ports, options),
      readFacts(ports, settings.settleSeconds),
      dropOutdated(ports, options),
    ]);
    const { moment, hereFacts, thereFacts } = facts;
    const servers = { local: hereFacts, remote: thereFacts };
    const found = await discover(ports, { settings, only, accepted, dryRun });
    const expiring = found.pairs.map((pair) => withExpiry(pair, moment.now));
    const pairs = await agreeOnHashes(ports, expiring, facts, options.agreements);
    const discovery = { ...found, pairs };
    const unsteady = await unsteadyFunctions(ports, pairs);
    const zones = { here: hereFacts.timezone, active: thereFacts.timezone };
    const compared = pairs.filter(({ name }) =>
      !discovery.derived.has(name) && !discovery.ambiguous.has(name)
    );
    const reader = new PartitionReader(ports, compared, discovery.summaries);
    const budget = new VerifyBudget(settings.verifyBudget * settings.checkIntervalSeconds / 3600);
    // Before a plan is shown, and where no repair will prove it, everything is looked for.
    const presumptions: Presumptions | null = dryRun || await ports.repairsWait() !== null ? null : new Map();
    const context = {
      settings,
      zones,
      moment,
      unsteady,
      accepted,
      deep,
      reader,
      budget,
      presumptions,
      roleAwaited: awaitSteadyRole(settings, options.steady, active),
      ...discovery,
    };
    const planned = holdOpenFeeds(await examineTables(ports, discovery, context, facts), open, only !== null);
    const done = dryRun
      ? await foretellSpace(ports, planned)
      : await repairTables(ports, settings.role, planned, { partners: discovery.partners, presumptions });
    const tables = [...await copyOutlived(ports, discovery, context, done, dryRun), ...discovery.unpaired];
    const outcome = ports.signal.aborted ? "aborted" : "completed";
    if (tables.length === 0 && discovery.onlyHere > 0) {
      const error =
        "no table was compared: the active site shows none of them to the remote user; grant SELECT on them";
      return { ...report, active, outcome: "failed", error, servers, warnings: discovery.warnings };
    }
    const { leftOut, warnings } = discovery;
    const { settledBefore } = moment;
    return { ...report, active, outcome, servers, settledBefore, tables, leftOut, warnings };
  } catch (error) {
    if (error instanceof UnknownTables) throw error;
    if (ports.signal.aborted) return { ...report, active, outcome: "aborted" };
    return { ...report, active, outcome: "failed", error: errorText(error) };
  }
}

/** What a trace tells of a table. */
function summary({ partitions, compared, findings }: TableReport) {
  const error = findings.find(({ reason }) => reason === "failed")?.detail;
  const facts = { partitions, rows: Number(compared.rows), findings: findings.length };
  return error === undefined ? facts : { ...facts, error };
}

const DERIVED = { reason: "derived", detail: "filled by a view from a table that is compared" } as const;

async function examineTables(
  ports: CheckPorts,
  { pairs, derived, unprovable, ambiguous }: Discovery,
  context: ExamineContext,
  facts: OpenSites,
): Promise<TableReport[]> {
  const { step = (_name, run) => run() } = ports;
  const examine = async (pair: TablePair): Promise<TableReport | null> => {
    if (ports.signal.aborted) return null;
    return await step({ kind: "table", table: pair.name }, () => examineOne(pair), summary);
  };
  const examineOne = async (pair: TablePair): Promise<TableReport> => {
    ports.observer.checkingTable(pair.name);
    if (ambiguous.has(pair.name)) {
      const detail =
        "two tables have this name, as a database's or a table's name has a dot in it; rename one of them";
      return tableReport(pair.name, { findings: [finding(pair.name, null, "unsupported", detail)] });
    }
    if (derived.has(pair.name)) {
      const { reason, detail } = unprovable.get(pair.name) ?? DERIVED;
      return tableReport(pair.name, { findings: [finding(pair.name, null, reason, detail)] });
    }
    return await examineTable(ports, pair, context).catch((error) => failedTable(pair.name, error));
  };
  ports.observer.tablesFound(pairs.length);
  const workers = workersFor(context.settings.maxConcurrentTables, [facts.hereFacts, facts.thereFacts]);
  const reports = await sideBySide(pairs, workers, roomForMore(ports, facts), examine);
  return reports.filter((report) => report !== null);
}
