/** Making the values that a report is built of. */
import { type Cause, reasonOf } from "../model/cause.ts";
import { EMPTY_DIGEST } from "../model/digest.ts";
import type { PartitionPlan, TablePlan } from "../model/plan.ts";
import type { Finding, TableReport } from "../model/report.ts";

/** A finding about a partition, or about a whole table, without figures. */
export function finding(table: string, partitionId: string | null, cause: Cause, detail: string): Finding {
  return {
    table,
    partitionId,
    reason: reasonOf(cause),
    cause,
    detail,
    rowsActive: 0n,
    rowsHere: 0n,
    missing: 0n,
    surplus: 0n,
    oldestMissing: null,
    repair: null,
    sql: [],
    repaired: false,
    accepted: false,
  };
}

export function tableReport(table: string, fields: Partial<TableReport> = {}): TableReport {
  const known = { proven: 0, counted: 0, oldestDigest: null, seen: null, planned: new Map() };
  return { table, partitions: 0, compared: EMPTY_DIGEST, findings: [], warnings: [], ...known, ...fields };
}

export function tablePlan(
  table: string,
  fields: Partial<TableReport> = {},
  plans: readonly PartitionPlan[] = [],
): TablePlan {
  return { report: tableReport(table, fields), plans };
}

/** What an operator reads of an error: never a stack. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What an operator does about rows that may be in a table and not in all of its views. */
export function settleViews(staging: string, since: string): string {
  return `a repair of ${since} was not seen to reach the table and all of its views; its rows are kept in ` +
    `${staging}: make sure that the table and its views hold each of them once, then drop that table`;
}

/** A table that could not be examined: data in the report, as the rest of the check goes on. */
export function failedTable(name: string, error: unknown): TablePlan {
  return tablePlan(name, { findings: [finding(name, null, "failed", errorText(error))] });
}
