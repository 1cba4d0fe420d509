/** A check's report as text for an operator. */
import type { CheckReport, Finding, TableReport } from "../model/report.ts";
import { REASONS } from "../model/reason.ts";
import type { State } from "../model/state.ts";
import { isSettled, isUncompared } from "../verdict/clean.ts";
import { pauseLine } from "../verdict/pause_words.ts";
import { escapeControls } from "../text/escape_controls.ts";
import { type Paint, PLAIN, type Style } from "../text/paint.ts";
import { renderRepair, renderStatements } from "./render_statements.ts";
import { renderOutcome } from "./render_outcome.ts";
import { findingWords, yearOf } from "./finding_words.ts";
import { renderScope } from "./render_scope.ts";
import { shareWarnings } from "./shared_warnings.ts";
import { aboutDuration, counted, readableBytes } from "../text/readable.ts";
import { type Pace, secondsFor, UNKNOWN_PACE } from "../check/repair/estimate_repair.ts";

/** Partitions of one table that are listed; the rest are counted. */
const PARTITIONS_LISTED = 50;

/** Tables in sync that are listed one by one; more are counted. */
const TABLES_LISTED = 20;

export interface ReportLook {
  /** To estimate how long the repairs of a plan will take. */
  readonly pace?: Pace;
  /** Also prints statements: those of a plan, and those that fix what is refused. */
  readonly sql?: boolean;
  /** After the check; null: it was a dry run, which concludes nothing. */
  readonly state?: State | null;
  readonly paint?: Paint;
}

/** A line, of which the first piece has a look of its own. */
interface Line {
  readonly label?: string;
  readonly style?: Style;
  readonly text?: string;
}

/** Lines for stdout, without a final newline: totals, what was found table by table, and what it comes to. */
export function renderReport(report: CheckReport, look: ReportLook = {}): string {
  const { pace = UNKNOWN_PACE, sql = false, state = null, paint = PLAIN } = look;
  const paused: Line[] = report.paused ? [{ label: pauseLine(report.paused), style: "wait" }] : [];
  const lines: Line[] = [...paused, { label: headline(report), style: "strong" }, ...totals(report)];
  if (report.scope) lines.push({ text: `Looked at: ${renderScope(report.scope)}` });
  lines.push(...readLines(report).map((text) => ({ text })));
  const { shared, own } = shareWarnings(report.tables);
  const tables = report.tables.map((table) => ({ ...table, warnings: own(table) }));
  const inSync = tables.filter(({ findings, warnings }) => findings.length + warnings.length === 0);
  const folded = new Set(inSync.length > TABLES_LISTED ? inSync : []);
  for (const table of tables) if (!folded.has(table)) lines.push(...tableLines(table, report, pace, sql));
  if (folded.size > 0) lines.push({ text: `${counted(folded.size, "table")}: in sync` });
  if (report.leftOut.length > 0) {
    lines.push({ text: `not synced, because of their engines: ${names(report.leftOut)}` });
  }
  lines.push(...[...shared, ...report.warnings].map((text) => warning("", text)));
  const hidden = tables.flatMap(({ findings }) => findings).filter(({ repaired }) => !repaired && !sql);
  if (hidden.some((found) => statements(found, report).length > 0)) {
    lines.push({ label: "Add --sql to see the statements", style: "soft" });
  }
  if (report.outcome === "completed") lines.push(renderOutcome(report, pace, state));
  return lines.map(({ label = "", style = "strong", text = "" }) =>
    (label === "" ? "" : paint(style, escapeControls(label))) + escapeControls(text)
  ).join("\n");
}

function warning(indent: string, text: string): Line {
  return { label: `${indent}warning`, style: "wait", text: `: ${text}` };
}

/** How much was compared, and what was missing before anything was repaired; of a check that was not completed what it had found by then. */
function totals({ outcome, dryRun, tables }: CheckReport): Line[] {
  const partitions = tables.reduce((sum, one) => sum + one.partitions, 0);
  const gaps = tables.flatMap(({ findings }) => findings)
    .filter((found) => found.missing > 0n && (found.repaired || !isSettled(found)));
  const rows = gaps.reduce((sum, { missing }) => sum + missing, 0n);
  const among = new Set(gaps.map(({ table }) => table)).size;
  const were = dryRun ? rows === 1n ? "is" : "are" : rows === 1n ? "was" : "were";
  const missing = rows === 0n
    ? []
    : [`${counted(rows, "row")} ${were} missing here, in ${counted(among, "table")}`];
  if (outcome !== "completed") {
    return missing.map((text) => ({ text: `When it ended, it had found: ${text}` }));
  }
  if (tables.length === 0) return [];
  const compared = tables.filter((table) => !isUncompared(table)).length;
  return [{
    text: [`${counted(partitions, "partition")} of ${counted(compared, "table")} compared`, ...missing].join(
      "; ",
    ),
  }];
}

function names(tables: CheckReport["leftOut"]): string {
  const listed = tables.slice(0, TABLES_LISTED).map(({ table, engine }) => `${table} (${engine})`).join(", ");
  return tables.length > TABLES_LISTED ? `${listed} and ${tables.length - TABLES_LISTED} more` : listed;
}

function headline({ role, active, outcome, dryRun, error }: CheckReport): string {
  const sites = `Active site: ${active} (we are: ${role})`;
  switch (outcome) {
    case "completed":
      return dryRun ? `${sites}. Plan, nothing was changed:` : sites;
    case "standby":
      return `${sites}. Nothing to do: the passive site pulls what it is missing`;
    default:
      return `${sites}. The check was not completed: ${error ?? "ch-sync was shut down"}`;
  }
}

/** Which replicas were read, and why not others that come before them. */
function readLines({ replicas }: CheckReport): string[] {
  const sites = [
    ["this site", replicas.local] as const,
    ...replicas.localShards.map((shard, at) => [`shard ${at + 1} of this site`, shard] as const),
    ["the other site", replicas.remote] as const,
    ...replicas.shards.map((shard, at) => [`shard ${at + 1} of the other site`, shard] as const),
  ];
  return sites.flatMap(
    ([site, read]) =>
      read === null ? [] : [
        `Replica read of ${site}: ${read.url}`,
        ...read.others.flatMap(({ url, passedOver }) =>
          passedOver === null ? [] : [`  passed over ${url}: ${passedOver}`]
        ),
      ],
  );
}

function tableLines(
  { table, partitions, outside = 0, findings, warnings }: TableReport,
  report: CheckReport,
  pace: Pace,
  sql: boolean,
): Line[] {
  const listed = findings.slice(0, PARTITIONS_LISTED);
  const rest = findings.slice(PARTITIONS_LISTED);
  const state = outside > 0
    ? `${findings.length === 0 && partitions > 0 ? "in sync, as far as looked at" : "looked at"} (${
      counted(partitions, "partition")
    } of ${partitions + outside})`
    : findings.length === 0
    ? `in sync (${counted(partitions, "partition")})`
    : "";
  return [
    { label: table, text: state && `: ${state}` },
    ...listed.flatMap((found) => findingLines(found, report, pace, sql)),
    ...(rest.length > 0 ? [{ text: `  and ${counted(rest.length, "more partition")}: see --json` }] : []),
    ...warnings.map((text) => warning("  ", text)),
  ];
}

function findingLines(found: Finding, report: CheckReport, pace: Pace, sql: boolean): Line[] {
  const { partitionId, reason, repair, repaired } = found;
  const where = partitionId === null ? "table" : `partition ${partitionId}`;
  const done = repaired ? ", repaired" : "";
  const size = repair && report.dryRun
    ? `; about ${readableBytes(repair.bytes)} to move, in ${aboutDuration(secondsFor([repair], pace))}`
    : "";
  return [
    {
      label: `  ${where}: ${reason}${done}`,
      style: styleOf(found),
      text: `: ${findingWords(found, yearOf(report))}${size}`,
    },
    // What brings back what was replaced is printed now or never.
    ...sql || repaired ? statements(found, report).map((label): Line => ({ label, style: "soft" })) : [],
  ];
}

function styleOf(found: Finding): Style {
  if (isSettled(found)) return "good";
  return REASONS[found.reason].remedy === "never" ? "bad" : "wait";
}

/** Those of a repair that is still to be done, or others, such as one that brings back what was replaced. */
function statements(found: Finding, { dryRun }: CheckReport): string[] {
  const { repair, repaired, sql } = found;
  if (sql.length === 0 || (!dryRun && isSettled(found))) return [];
  return repair && !repaired ? renderRepair(sql, repair.method) : renderStatements(sql);
}
