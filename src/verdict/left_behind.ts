/** What a check left behind: gaps, new tables, reasons, refusals. */
import { mergeSpans, type MissingSpan } from "../model/missing_span.ts";
import { type Reason, REASONS } from "../model/reason.ts";
import type { CheckReport, Finding } from "../model/report.ts";
import type { State } from "../model/state.ts";
import { isGap } from "./clean.ts";

/** Tables in which rows of the active site were missing here when the check began; not those that are new. */
export function gapTables(report: CheckReport): string[] {
  return report.tables
    .filter(({ findings }) => findings.some((finding) => finding.reason !== "new" && isGap(finding)))
    .map(({ table }) => table);
}

/** By table, the time of the rows that were missing here when the check began, as far as it can be told. */
export function gapSpans(report: CheckReport): Map<string, MissingSpan[]> {
  const spans = report.tables.map(({ table, findings }) =>
    [table, mergeSpans(findings.filter(isGap).flatMap(({ spans }) => spans))] as const
  );
  return new Map(spans.filter(([, of]) => of.length > 0));
}

/** Tables that exist at the active site only, and were not created. */
export function newTables(report: CheckReport): string[] {
  return report.tables.filter(({ findings }) => findings.some(({ reason }) => reason === "new"))
    .map(({ table }) => table);
}

/** The reasons in each table that is not simply in sync, and how many partitions carry each. */
export function reasons(report: CheckReport): State["reasons"] {
  return Object.fromEntries(report.tables.flatMap(({ table, findings }) => {
    const left = findings.filter(({ repaired }) => !repaired);
    const counts = [...Map.groupBy(left, ({ reason }) => reason)].map(([reason, of]) => [reason, of.length]);
    return counts.length > 0 ? [[table, Object.fromEntries(counts)]] : [];
  }));
}

/** `table partition reason` of everything that a guard refused. */
export function refusals(report: CheckReport): string[] {
  return refused(report)
    .map(({ table, partitionId, reason }) => [table, partitionId, reason].filter(Boolean).join(" "));
}

/** Why guards refused, each reason once. */
export function refusedReasons(report: CheckReport): Reason[] {
  return [...new Set(refused(report).map(({ reason }) => reason))];
}

function refused({ tables }: CheckReport): Finding[] {
  return tables.flatMap(({ findings }) => findings)
    .filter(({ reason }) => REASONS[reason].remedy === "never" && !REASONS[reason].clean && reason !== "new");
}
