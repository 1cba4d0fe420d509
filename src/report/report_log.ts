/** The log lines about a report. */
import { REASONS } from "../model/reason.ts";
import type { CheckReport, Finding } from "../model/report.ts";
import type { State } from "../model/state.ts";
import { isClean, isSettled } from "../verdict/clean.ts";
import { pauseLine } from "../verdict/pause_words.ts";
import { findingWords, yearOf } from "./finding_words.ts";
import { shareWarnings } from "./shared_warnings.ts";
import { counted } from "../text/readable.ts";

export interface LogLine {
  readonly level: "info" | "warning" | "error";
  readonly text: string;
}

/** Findings of one table and reason that are logged one by one; the rest are counted. */
const LINES_PER_REASON = 5;

/**
 * The lines after a check, in order.
 *
 * @param state after the check; null: the check was a dry run, which concludes nothing
 */
export function reportLog(report: CheckReport, state: State | null): LogLine[] {
  const { local, remote, shards, localShards } = report.replicas;
  const lines: LogLine[] = [local, ...localShards, remote, ...shards].flatMap(
    (read) =>
      read === null ? [] : [
        { level: "info" as const, text: `Replica read: ${read.url}` },
        ...read.others.flatMap(({ url, passedOver }) =>
          passedOver === null
            ? []
            : [{ level: "warning" as const, text: `Passed over ${url}: ${passedOver}` }]
        ),
      ],
  );
  if (report.paused) lines.unshift({ level: "warning", text: pauseLine(report.paused) });
  const { shared, own } = shareWarnings(report.tables);
  for (const reported of report.tables) {
    const { table, findings } = reported;
    for (const group of Map.groupBy(findings, ({ reason, repaired }) => `${reason} ${repaired}`).values()) {
      lines.push(
        ...group.slice(0, LINES_PER_REASON).map((found) => findingLine(table, found, yearOf(report))),
      );
      const more = group.length - LINES_PER_REASON;
      if (more > 0) {
        lines.push({
          level: level(group[0]!),
          text: `${table}: ${counted(more, "more partition")} ${outcomeOf(group[0]!)}`,
        });
      }
    }
    lines.push(...own(reported).map((text): LogLine => ({ level: "warning", text: `${table}: ${text}` })));
  }
  lines.push(...[...shared, ...report.warnings].map((text): LogLine => ({ level: "warning", text })));
  if (report.error && report.outcome === "failed") lines.push({ level: "error", text: report.error });
  if (state === null || report.limited) return lines;
  if (isClean(report)) {
    lines.push({ level: "info", text: `All tables in sync (clean check #${state.consecutive_clean})` });
  }
  if (state.failback_ready) lines.push({ level: "info", text: "FAILBACK READY" });
  return lines;
}

function outcomeOf({ reason, repaired }: Finding): string {
  return repaired ? `${reason}, repaired` : reason;
}

function findingLine(table: string, found: Finding, year: number): LogLine {
  const { partitionId, reason, sql } = found;
  const where = partitionId === null ? table : `${table} partition ${partitionId}`;
  const fix = reason === "drifted" && sql.length > 0 ? `. To fix it here: ${sql.join("; ")}` : "";
  return {
    level: level(found),
    text: `${where}: ${outcomeOf(found)}: ${findingWords(found, year)}${fix}`,
  };
}

function level(found: Finding): LogLine["level"] {
  if (found.reason === "failed") return "error";
  return isSettled(found) || REASONS[found.reason].remedy === "repaired" ? "info" : "warning";
}
