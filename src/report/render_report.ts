/** A check's report as text for an operator. */
import type { CheckReport, Finding, TableReport } from "../model/report.ts";
import { isSettled } from "../verdict/clean.ts";
import { escapeControls } from "../text/escape_controls.ts";
import { renderRepair, renderStatements } from "./render_statements.ts";
import { findingWords, yearOf } from "./finding_words.ts";
import { renderScope } from "./render_scope.ts";
import { shareWarnings } from "./shared_warnings.ts";
import { aboutDuration, counted, readableBytes } from "../text/readable.ts";
import { type Pace, secondsFor, UNKNOWN_PACE } from "../check/repair/estimate_repair.ts";

/** Partitions of one table that are listed; the rest are counted. */
const PARTITIONS_LISTED = 50;

/** Tables in sync that are listed one by one; more are counted. */
const TABLES_LISTED = 20;

/**
 * Lines for stdout, without a final newline.
 *
 * @param pace to estimate how long the repairs of a plan will take
 */
export function renderReport(report: CheckReport, pace: Pace = UNKNOWN_PACE): string {
  const scope = report.scope ? [`Looked at: ${renderScope(report.scope)}`] : [];
  const lines = [headline(report), ...scope, ...readLines(report)];
  const { shared, own } = shareWarnings(report.tables);
  const tables = report.tables.map((table) => ({ ...table, warnings: own(table) }));
  const inSync = tables.filter(({ findings, warnings }) => findings.length + warnings.length === 0);
  const folded = new Set(inSync.length > TABLES_LISTED ? inSync : []);
  for (const table of tables) if (!folded.has(table)) lines.push(...tableLines(table, report, pace));
  if (folded.size > 0) lines.push(`${counted(folded.size, "table")}: in sync`);
  if (report.leftOut.length > 0) lines.push(`not synced, because of their engines: ${names(report.leftOut)}`);
  for (const warning of [...shared, ...report.warnings]) lines.push(`warning: ${warning}`);
  if (report.outcome === "completed") lines.push(summary(report, pace));
  return lines.map(escapeControls).join("\n");
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
): string[] {
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
    `${table}${state && `: ${state}`}`,
    ...listed.flatMap((found) => findingLines(found, report, pace)),
    ...(rest.length > 0 ? [`  and ${counted(rest.length, "more partition")}: see --json`] : []),
    ...warnings.map((warning) => `  warning: ${warning}`),
  ];
}

function findingLines(found: Finding, report: CheckReport, pace: Pace): string[] {
  const { partitionId, reason, repair, repaired } = found;
  const { dryRun } = report;
  const where = partitionId === null ? "table" : `partition ${partitionId}`;
  const done = repaired ? ", repaired" : "";
  const size = repair && dryRun
    ? `; about ${readableBytes(repair.bytes)} to move, in ${aboutDuration(secondsFor([repair.bytes], pace))}`
    : "";
  return [
    `  ${where}: ${reason}${done}: ${findingWords(found, yearOf(report))}${size}`,
    ...(dryRun || !isSettled(found) ? statementLines(found) : []),
  ];
}

/** Those of a repair that is still to be done, or others, such as one that brings back what was replaced. */
function statementLines({ repair, repaired, sql }: Finding): string[] {
  return repair && !repaired && sql.length > 0 ? renderRepair(sql, repair.method) : renderStatements(sql);
}

function summary({ tables, dryRun, limited }: CheckReport, pace: Pace): string {
  const findings = tables.flatMap((table) => table.findings);
  const repaired = findings.filter((found) => found.repaired);
  const open = findings.filter((found) => !isSettled(found));
  const rows = (some: readonly Finding[]) => some.reduce((sum, { missing }) => sum + missing, 0n);
  const parts = [`${counted(tables.length, "table")} checked`];
  if (repaired.length > 0) {
    parts.push(`${counted(repaired.length, "partition")} repaired (${counted(rows(repaired), "row")})`);
  }
  if (open.length === 0) {
    parts.push(limited ? "nothing is missing here of what was looked at" : "nothing is missing here");
  } else if (dryRun) {
    const planned = open.filter(({ repair }) => repair);
    const moved = planned.reduce((sum, { repair }) => sum + (repair?.bytes ?? 0), 0);
    parts.push(
      `${counted(planned.length, "partition")} to repair (${counted(rows(planned), "row")}, about ${
        readableBytes(moved)
      }, ${duration(planned.map(({ repair }) => repair?.bytes ?? 0), pace)})`,
      `${open.length - planned.length} refused or put off`,
    );
  } else parts.push(`${open.length} not repaired (${counted(rows(open), "row")} missing)`);
  return parts.join("; ");
}

function duration(bytes: readonly number[], pace: Pace): string {
  if (bytes.length === 0) return "no time";
  const source = pace.repairs > 0
    ? `the speed of the last ${pace.repairs === 1 ? "repair" : `${pace.repairs} repairs`}`
    : "an assumption, as no repair has been measured yet";
  return `in ${aboutDuration(secondsFor(bytes, pace))} at ${readableBytes(pace.bytesPerSecond)}/s, ${source}`;
}
