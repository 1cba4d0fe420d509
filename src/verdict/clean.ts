/** Whether a check is clean, and what the process exits with. */
import { REASONS } from "../model/reason.ts";
import type { CheckReport, Finding, TableReport } from "../model/report.ts";

/** Whether a check may be clean in spite of what was found. */
export function isSettled({ reason, repaired }: Finding): boolean {
  const { clean, remedy } = REASONS[reason];
  return clean && (remedy !== "repaired" || repaired);
}

/** Whether the active site holds rows of this table that are missing here, or were before a repair. */
export function isGap({ reason, missing }: Finding): boolean {
  return missing > 0n || !REASONS[reason].clean;
}

/** Whether a check knows of rows that are missing here: once it has ended, however it did, or before it repairs them. */
export function leavesRowsMissing({ tables }: Pick<CheckReport, "tables">): boolean {
  return tables.some(({ findings }) => findings.some((found) => found.missing > 0n && !isSettled(found)));
}

/**
 * A check is clean if it was completed, compared at least one table, and left nothing missing, failed, refused or
 * put off (see REASONS).
 */
export function isClean(report: CheckReport): boolean {
  return report.outcome === "completed" && !report.dryRun && report.tables.some(isCompared) &&
    report.tables.every(({ findings }) => findings.every(isSettled));
}

function isCompared({ findings, partitions }: CheckReport["tables"][number]): boolean {
  return partitions > 0 || findings.length === 0;
}

/** Whether nothing of a table was compared, and it is not known to be whole either. */
export function isUncompared(
  { findings, partitions }: Pick<TableReport, "findings" | "partitions">,
): boolean {
  return partitions === 0 && !findings.every(isSettled);
}

/** The exit code of `--once` and `--dry-run`: one of `EXIT_CODES` in src/flags.ts. */
export function exitCode(report: CheckReport): 0 | 1 | 3 {
  if (report.outcome === "standby") return 0;
  const findings = report.tables.flatMap((table) => table.findings);
  if (report.outcome !== "completed" || findings.some(({ reason }) => reason === "failed")) return 1;
  return findings.every(isSettled) ? 0 : 3;
}

/**
 * Whether to ping the monitor after the check: only if it was completed, was not limited to some tables, and compared at
 * least one, none of which failed. What is missing is for messages to tell.
 */
export function provedSomething(report: CheckReport): boolean {
  return report.outcome === "completed" && !report.dryRun && !report.limited &&
    report.tables.some(isCompared) && exitCode(report) !== 1;
}
